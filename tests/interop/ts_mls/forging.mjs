// Messages that a member of ts-mls signs and seals as it should, and that no member may send.
//
// createCommit looks at what it commits; here its parts are put together without looking.

import { makeProposalRef } from "ts-mls/authenticatedContent.js"
import { exportSecret, nextEpochContext } from "ts-mls/clientState.js"
import { encode } from "ts-mls/codec/tlsEncoder.js"
import { createGroupInfo } from "ts-mls/createCommit.js"
import {
  createConfirmationTag,
  createContentCommitSignature,
  signFramedContentApplicationOrProposal,
  signFramedContentTBS,
} from "ts-mls/framedContent.js"
import { makeKeyPackageRef } from "ts-mls/keyPackage.js"
import { initializeEpoch } from "ts-mls/keySchedule.js"
import { signLeafNodeCommit } from "ts-mls/leafNode.js"
import { encodeMlsMessage } from "ts-mls"
import { protect } from "ts-mls/messageProtection.js"
import { protectPublicMessage } from "ts-mls/messageProtectionPublic.js"
import { getCommitSecret } from "ts-mls/pathSecrets.js"
import { addLeafNode, decodeRatchetTree, ratchetTreeEncoder } from "ts-mls/ratchetTree.js"
import { treeHashRoot } from "ts-mls/treeHash.js"
import { createUpdatePath } from "ts-mls/updatePath.js"
import { encryptGroupInfo, encryptGroupSecrets } from "ts-mls/welcome.js"

const hex = (bytes) => Buffer.from(bytes).toString("hex")
const raw = (text) => new Uint8Array(Buffer.from(text ?? "", "hex"))
const flipped = (bytes) => bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte))

// What can be wrong with a path. Each gets (path, state, suite) and changes the path.
const spoilers = {
  none() {},
  node_missing: (path) => void path.nodes.pop(),
  node_extra: (path) => void path.nodes.push(path.nodes.at(-1)),
  ciphertext_missing: (path) => void path.nodes[0].encryptedPathSecret.pop(),
  ciphertext_extra: ({ nodes }) => void nodes[0].encryptedPathSecret.push(nodes[0].encryptedPathSecret[0]),
  ciphertexts_broken({ nodes }) {
    for (const node of nodes) for (const each of node.encryptedPathSecret) each.ciphertext = flipped(each.ciphertext)
  },
  node_key_is_a_members: (path, state) => void (path.nodes.at(-1).hpkePublicKey = state.ratchetTree[0].leaf.hpkePublicKey),
  node_key_is_empty: (path) => void (path.nodes.at(-1).hpkePublicKey = new Uint8Array()),
  node_key_of_zeros: ({ nodes }) => void (nodes.at(-1).hpkePublicKey = new Uint8Array(nodes.at(-1).hpkePublicKey.length)),
  leaf_key_of_zeros: (path, state, suite) =>
    sign(path, state, suite, { hpkePublicKey: new Uint8Array(path.leafNode.hpkePublicKey.length) }),
  leaf_signature: (path) => void (path.leafNode.signature = flipped(path.leafNode.signature)),
  leaf_of_another_group: (path, state, suite) => sign(path, state, suite, {}, new Uint8Array([1])),
  leaf_of_another_place: (path, state, suite) => sign(path, state, suite, {}, undefined, 77),
  leaf_key_kept: (path, state, suite) => sign(path, state, suite, { hpkePublicKey: own(state).hpkePublicKey }),
  leaf_key_of_a_node: (path, state, suite) => sign(path, state, suite, { hpkePublicKey: path.nodes[0].hpkePublicKey }),
  leaf_key_of_another: (path, state, suite) => sign(path, state, suite, { hpkePublicKey: another(state).hpkePublicKey }),
  signature_key_of_another: (path, state, suite) =>
    sign(path, state, suite, { signaturePublicKey: another(state).signaturePublicKey }),
  parent_hash: (path, state, suite) => sign(path, state, suite, { parentHash: flipped(path.leafNode.parentHash) }),
  extension_not_in_capabilities: (path, state, suite) =>
    sign(path, state, suite, { extensions: [{ extensionType: 0xfe01, extensionData: new Uint8Array() }] }),
  extension_twice(path, state, suite) {
    const twice = { extensionType: 0xf0b1, extensionData: new Uint8Array() }
    return sign(path, state, suite, { extensions: [twice, twice] })
  },
  suite_not_in_capabilities: (path, state, suite) =>
    sign(path, state, suite, { capabilities: { ...path.leafNode.capabilities, ciphersuites: [] } }),
  version_not_in_capabilities: (path, state, suite) =>
    sign(path, state, suite, { capabilities: { ...path.leafNode.capabilities, versions: [] } }),
  credential_not_in_capabilities: (path, state, suite) =>
    sign(path, state, suite, { capabilities: { ...path.leafNode.capabilities, credentials: [] } }),
}

const own = (state) => state.ratchetTree[2 * state.privatePath.leafIndex].leaf
const another = (state) =>
  state.ratchetTree.find((node, index) => node?.nodeType === "leaf" && index !== 2 * state.privatePath.leafIndex).leaf

async function sign(path, state, suite, changes, groupId, leafIndex) {
  const place = { groupId: groupId ?? state.groupContext.groupId, leafIndex: leafIndex ?? state.privatePath.leafIndex }
  const leaf = { ...path.leafNode, ...changes, leafNodeSource: "commit" }
  const info = { parentHash: leaf.parentHash, extensions: leaf.extensions, leafNodeSource: "commit", ...place }
  const signed = await signLeafNodeCommit({ ...leaf, ...info, info }, state.signaturePrivateKey, suite.signature)
  path.leafNode = { ...leaf, signature: signed.signature }
}

// What can be wrong with the tree of a Welcome; its hash, the keys and the signature follow the tree as it is then.
const parentIn = (tree) => tree.find((node) => node?.nodeType === "parent").parent
const leafIn = (tree) => tree.find((node) => node?.nodeType === "leaf").leaf
const treeSpoilers = {
  none() {},
  parent_hash: (tree) => void (parentIn(tree).parentHash = new Uint8Array(32)),
  parent_key_is_a_leafs: (tree) => void (parentIn(tree).hpkePublicKey = leafIn(tree).hpkePublicKey),
  parent_blanked(tree) {
    tree[tree.findIndex((node) => node?.nodeType === "parent")] = undefined
  },
  unmerged_is_nobody: (tree) => void (parentIn(tree).unmergedLeaves = [301]),
  unmerged_twice: (tree) => void (parentIn(tree).unmergedLeaves = [0, 0]),
  leaf_signature: (tree) => void (leafIn(tree).signature = flipped(leafIn(tree).signature)),
  leaf_blanked: (tree) => void (tree[2] = undefined),
  leaf_twice: (tree) => void (tree[2] = { nodeType: "leaf", leaf: leafIn(tree) }),
  newcomer_missing(tree, place) {
    tree[place] = undefined
  },
}

// An encoded tree with a blank parent and a blank leaf behind its last leaf.
function withBlank(encoded) {
  const body = encoded.slice(1 << (encoded[0] >> 6))
  const length = body.length + 2
  if (length >= 16384) throw new Error("the tree is too large for this test")
  return new Uint8Array([0x40 | (length >>> 8), length & 255, ...body, 0, 0])
}

export function forgingOf(memberOf, proposalOf) {
  const given = (proposal) => {
    if (proposal.reference !== undefined)
      return { proposalOrRefType: "reference", reference: raw(proposal.reference) }
    if (proposal.kind === "external_init")
      return { proposalOrRefType: "proposal", proposal: { proposalType: "external_init", externalInit: { kemOutput: raw(proposal.kem) } } }
    if (proposal.kind === "update")
      return { proposalOrRefType: "proposal", proposal: { proposalType: "update", update: { leafNode: proposal.leaf } } }
    return { proposalOrRefType: "proposal", proposal: proposalOf(proposal) }
  }

  async function seal(member, content, auth, isPublic) {
    const { state, suite } = member
    const context = { ...state.groupContext, epoch: content.epoch, groupId: content.groupId }
    if (isPublic) {
      const whole = { wireformat: "mls_public_message", content, auth }
      const publicMessage = await protectPublicMessage(state.keySchedule.membershipKey, state.groupContext, whole, suite)
      return { version: "mls10", wireformat: "mls_public_message", publicMessage }
    }
    const secret = state.keySchedule.senderDataSecret
    const aad = content.authenticatedData
    const [leaf, padding] = [state.privatePath.leafIndex, state.clientConfig.paddingConfig]
    // The state keeps its ratchets: the next message has the same generation, and its key must still be there.
    const sealed = await protect(secret, aad, context, state.secretTree, { ...content, auth }, leaf, padding, suite)
    return { version: "mls10", wireformat: "mls_private_message", privateMessage: sealed.privateMessage }
  }

  return {
    async forge_commit(request) {
      const member = memberOf(request)
      const { state, suite } = member
      const isPublic = request.public ?? false
      const wireformat = isPublic ? "mls_public_message" : "mls_private_message"
      let [tree, path, secrets] = [state.ratchetTree, undefined, []]
      if (request.path !== undefined && request.path !== null) {
        const key = state.signaturePrivateKey
        const made = await createUpdatePath(state.ratchetTree, state.privatePath.leafIndex, state.groupContext, key, suite)
        ;[tree, path, secrets] = made
        await spoilers[request.path](path, state, suite)
      }
      const context = {
        ...state.groupContext,
        epoch: state.groupContext.epoch + BigInt(request.epochs_ahead ?? 0),
        groupId: request.group_id === undefined ? state.groupContext.groupId : raw(request.group_id),
      }
      const sender = { senderType: "member", leafIndex: request.sender ?? state.privatePath.leafIndex }
      const commit = { proposals: (request.proposals ?? []).map(given), path }
      const signed = await createContentCommitSignature(
        ...[context, wireformat, commit, sender, new Uint8Array(), state.signaturePrivateKey, suite.signature],
      )
      const signature = request.signature === "flipped" ? flipped(signed.signature) : signed.signature
      const last = secrets.at(-1)
      const secret = last === undefined ? new Uint8Array(suite.kdf.size) : await getCommitSecret(tree, last.nodeIndex, last.secret, suite.kdf)
      const hash = await treeHashRoot(tree, suite.hash)
      const next = await nextEpochContext(
        ...[state.groupContext, wireformat, signed.framedContent, signature, hash, state.confirmationTag, suite.hash],
      )
      const epoch = await initializeEpoch(state.keySchedule.initSecret, secret, next, new Uint8Array(suite.kdf.size), suite.kdf)
      const tag = await createConfirmationTag(epoch.keySchedule.confirmationKey, next.confirmedTranscriptHash, suite.hash)
      const auth = { contentType: "commit", signature, confirmationTag: request.tag === "flipped" ? flipped(tag) : tag }
      const message = await seal(member, signed.framedContent, auth, isPublic)
      if (request.membership === "flipped") message.publicMessage.membershipTag = flipped(message.publicMessage.membershipTag)
      return { message: hex(encodeMlsMessage(message)) }
    },

    // An external commit; `spoil` is what is wrong with it, and nothing else is.
    async forge_external(request) {
      const { package: keyPackage, keys, suite } = memberOf(request)
      const { state } = memberOf({ member: request.into })
      const { spoil } = request
      const [before, key] = [state.groupContext, keys.signaturePrivateKey]
      const pair = await suite.hpke.deriveKeyPair(state.keySchedule.externalSecret)
      const { enc, secret } = await exportSecret(await suite.hpke.exportPublicKey(pair.publicKey), suite)
      const [grown, place] = addLeafNode(state.ratchetTree, keyPackage.leafNode)
      const [after, path, secrets] = await createUpdatePath(grown, place / 2, before, key, suite)
      const byValue = (proposal) => ({ proposalOrRefType: "proposal", proposal })
      const init = byValue({ proposalType: "external_init", externalInit: { kemOutput: spoil === "kem" ? flipped(enc) : enc } })
      const lists = {
        no_init: [],
        two_inits: [init, init],
        adds: [init, byValue({ proposalType: "add", add: { keyPackage } })],
        removes_another: [byValue({ proposalType: "remove", remove: { removed: 0 } }), init],
        removes_two: [0, 1].map((removed) => byValue({ proposalType: "remove", remove: { removed } })).concat(init),
        extends: [init, byValue({ proposalType: "group_context_extensions", groupContextExtensions: { extensions: [] } })],
        refers: [init, { proposalOrRefType: "reference", reference: new Uint8Array(suite.kdf.size) }],
      }
      if (spoil === "leaf_signature") path.leafNode.signature = flipped(path.leafNode.signature)
      if (spoil === "ciphertexts") spoilers.ciphertexts_broken(path)
      const commit = { proposals: lists[spoil] ?? [init], path: spoil === "no_path" ? undefined : path }
      const sender = { senderType: "new_member_commit" }
      const content = { contentType: "commit", commit, groupId: before.groupId, epoch: before.epoch, sender, authenticatedData: new Uint8Array() }
      const wireformat = "mls_public_message"
      const tbs = { protocolVersion: "mls10", wireformat, content, senderType: "new_member_commit", context: before }
      const signed = await signFramedContentTBS(key, tbs, suite.signature)
      const signature = spoil === "signature" ? flipped(signed) : signed
      const last = secrets.at(-1)
      const commitSecret = await getCommitSecret(after, last.nodeIndex, last.secret, suite.kdf)
      const hash = await treeHashRoot(after, suite.hash)
      const next = await nextEpochContext(before, wireformat, content, signature, hash, state.confirmationTag, suite.hash)
      const epoch = await initializeEpoch(secret, commitSecret, next, new Uint8Array(suite.kdf.size), suite.kdf)
      const made = await createConfirmationTag(epoch.keySchedule.confirmationKey, next.confirmedTranscriptHash, suite.hash)
      const auth = { contentType: "commit", signature, confirmationTag: spoil === "tag" ? flipped(made) : made }
      const publicMessage = { content, auth, senderType: "new_member_commit" }
      return { message: hex(encodeMlsMessage({ version: "mls10", wireformat, publicMessage })) }
    },

    // A Welcome of an Add without a path; `spoil` is what is wrong with the tree or beside it.
    async forge_welcome(request) {
      const { state, suite } = memberOf(request)
      const { package: keyPackage } = memberOf({ member: request.newcomer })
      const [grown, place] = addLeafNode(state.ratchetTree, keyPackage.leafNode)
      const tree = structuredClone(grown)
      await (treeSpoilers[request.spoil] ?? treeSpoilers.none)(tree, place)
      const none = new Uint8Array(suite.kdf.size)
      const treeHash = await treeHashRoot(tree, suite.hash)
      const context = { ...state.groupContext, epoch: state.groupContext.epoch + 1n, treeHash }
      if (request.spoil === "tree_hash") context.treeHash = flipped(treeHash)
      if (request.spoil === "extension") context.extensions = [{ extensionType: 0xfe04, extensionData: none }]
      const epoch = await initializeEpoch(state.keySchedule.initSecret, none, context, none, suite.kdf)
      const made = await createConfirmationTag(epoch.keySchedule.confirmationKey, context.confirmedTranscriptHash, suite.hash)
      const tag = request.spoil === "tag" ? flipped(made) : made
      const encoded = encode(ratchetTreeEncoder)(tree)
      const shown = request.spoil === "trailing_blank" ? withBlank(encoded) : encoded
      const extensions = request.spoil === "no_tree" ? [] : [{ extensionType: "ratchet_tree", extensionData: shown }]
      const signer = request.spoil === "signer" ? { ...state, privatePath: { ...state.privatePath, leafIndex: 1 } } : state
      const info = await createGroupInfo(context, tag, signer, extensions, suite)
      if (request.spoil === "signature") info.signature = flipped(info.signature)
      const encryptedGroupInfo = await encryptGroupInfo(info, epoch.welcomeSecret, suite)
      const secrets = { joinerSecret: epoch.joinerSecret, psks: [], pathSecret: request.spoil === "path_secret" ? none : undefined }
      const sealed = await encryptGroupSecrets(await suite.hpke.importPublicKey(keyPackage.initKey), encryptedGroupInfo, secrets, suite.hpke)
      const newMember = await makeKeyPackageRef(keyPackage, suite.hash)
      const welcome = {
        cipherSuite: suite.name,
        secrets: [{ newMember, encryptedGroupSecrets: { kemOutput: sealed.enc, ciphertext: sealed.ct } }],
        encryptedGroupInfo,
      }
      return { message: hex(encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome })) }
    },

    async forge_proposal(request) {
      const member = memberOf(request)
      const { state, suite } = member
      const isPublic = request.public ?? false
      const wireformat = isPublic ? "mls_public_message" : "mls_private_message"
      const sender = { senderType: "member", leafIndex: request.sender ?? state.privatePath.leafIndex }
      const { groupId, epoch } = state.groupContext
      const { proposal } = given(request.proposal)
      const content = { groupId, epoch, sender, contentType: "proposal", authenticatedData: new Uint8Array(), proposal }
      const tbs = { protocolVersion: "mls10", wireformat, content, senderType: "member", context: state.groupContext }
      const auth = await signFramedContentApplicationOrProposal(state.signaturePrivateKey, tbs, suite)
      const message = await seal(member, content, auth, isPublic)
      const reference = await makeProposalRef({ wireformat, content, auth }, suite.hash)
      return { message: hex(encodeMlsMessage(message)), reference: hex(reference) }
    },
  }
}
