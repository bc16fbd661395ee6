// ts-mls as members of MLS groups, driven over JSON lines: one request per line on stdin, one answer per line on stdout.
//
//   -> {"id": 1, "op": "commit", "member": "b", …}      bytes are hex
//   <- {"id": 1, "ok": {…}}  or  {"id": 1, "error": "what ts-mls says"}
//
// ts-mls is used as it is published. Two things stand around it: the suite 0xF0A2, which it does not know, and the
// length header of external_pub (RFC 9420, 12.4.3.2), which its version 1.6.4 neither writes nor reads.

import { createInterface } from "node:readline"
import * as mls from "ts-mls"
import { createGroupInfo } from "ts-mls/createCommit.js"
import { encodeProposal } from "ts-mls/proposal.js"
import { addLeafNode, decodeRatchetTree, ratchetTreeEncoder, removeLeafNode, resolution } from "ts-mls/ratchetTree.js"
import { treeHash, treeHashRoot } from "ts-mls/treeHash.js"
import { encode } from "ts-mls/codec/tlsEncoder.js"
import { greaseValues } from "ts-mls/grease.js"
import { computationsOf } from "./computations.mjs"
import { forgingOf } from "./forging.mjs"
import { textForgingOf } from "./forging_text.mjs"
import { XWing } from "@hpke/hybridkem-x-wing"
import { shake256 } from "@noble/hashes/sha3.js"

const HYBRID = 0xf0a2
const NAMES = {
  1: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
  3: "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519",
}

const hex = (bytes) => Buffer.from(bytes).toString("hex")
const raw = (text) => new Uint8Array(Buffer.from(text ?? "", "hex"))
const text = (name) => new TextEncoder().encode(name)
const concat = (...parts) => new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))))

// --- cipher suites ---------------------------------------------------------------------------------------------------

// hpke-pq's DeriveKeyPair of KEM 0x647a: SHAKE256(ikm ‖ "HPKE-v1" ‖ "KEM" ‖ kem_id ‖ len(label) ‖ label ‖ 32), not raw SHAKE256.
function hybridSeed(ikm) {
  const label = text("DeriveKeyPair")
  const suiteId = concat(text("KEM"), [0x64, 0x7a])
  return shake256(concat(ikm, text("HPKE-v1"), suiteId, [0, label.length], label, [0, 32]), { dkLen: 32 })
}

// A vector's length header in the three forms of RFC 9420, 2.1.2.
function opaque(data) {
  const length = data.length
  if (length < 64) return concat([length], data)
  return length < 16384 ? concat([0x40 | (length >> 8), length & 255], data) : concat(be32(0x80000000 + length), data)
}
const be32 = (value) => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]

async function makeSuite(id) {
  if (NAMES[id] !== undefined) return withExternalPub(await mls.getCiphersuiteImpl(mls.getCiphersuiteFromName(NAMES[id])), 32)
  if (id !== HYBRID) throw new Error(`no suite ${id}`)
  // An unknown number is a suite's name as it stands: "61602".
  const hpke = { kem: "X-Wing", kdf: "HKDF-SHA384", aead: "AES256GCM" }
  const impl = await mls.getCiphersuiteImpl({ hash: "SHA-384", hpke, signature: "Ed25519", name: String(HYBRID) })
  const kem = new XWing()
  await kem._setup()
  const deriveKeyPair = (ikm) => kem.generateKeyPairDerand(hybridSeed(ikm))
  return withExternalPub({ ...impl, hpke: { ...impl.hpke, deriveKeyPair } }, 1216)
}

function withExternalPub(impl, keyLength) {
  const importPublicKey = (key) => impl.hpke.importPublicKey(key.length > keyLength ? key.slice(key.length - keyLength) : key)
  return { ...impl, hpke: { ...impl.hpke, importPublicKey } }
}

const suites = new Map()
async function suiteOf(id) {
  if (!suites.has(id)) suites.set(id, await makeSuite(id))
  return suites.get(id)
}

// --- members ---------------------------------------------------------------------------------------------------------

// name -> {suite, package, keys, state, next}: `next` is the state after a commit that is not merged yet
const members = new Map()

function memberOf(request) {
  const member = members.get(request.member)
  if (member === undefined) throw new Error(`no member ${request.member}`)
  return member
}

function capabilities(request) {
  const grease = request.grease ? greaseValues : []
  return {
    versions: ["mls10"],
    ciphersuites: [...Object.values(NAMES), String(HYBRID), ...grease.map(String)],
    extensions: [0x000a, 0xf0b1, 0xf0b2, ...grease, ...(request.extension_types ?? [])],
    proposals: [...grease, ...(request.proposal_types ?? [])],
    credentials: ["basic", ...(request.grease ? ["x509", ...grease.map(String)] : [])],
  }
}

const EXTENSION_NAMES = { 1: "application_id", 3: "required_capabilities", 5: "external_senders" }
const extensionsOf = (list) =>
  (list ?? []).map(([type, data]) => ({ extensionType: EXTENSION_NAMES[type] ?? type, extensionData: raw(data) }))

function clientConfig(request) {
  const config = {
    keyRetentionConfig: { retainKeysForGenerations: 2000, retainKeysForEpochs: 8, maximumForwardRatchetSteps: 70000 },
    lifetimeConfig: { maximumTotalLifetime: 10n ** 12n, validateLifetimeOnReceive: false },
    keyPackageEqualityConfig: mls.defaultKeyPackageEqualityConfig,
    paddingConfig: mls.defaultPaddingConfig,
    authService: mls.defaultAuthenticationService,
  }
  if (request.padding !== undefined) config.paddingConfig = { kind: "alwaysPad", paddingLength: request.padding }
  return config
}

function pskIndex(member, request) {
  const external = {}
  for (const [id, secret] of Object.entries(request.psks ?? {})) external[mls.bytesToBase64(raw(id))] = raw(secret)
  return mls.makePskIndex(member.state, external)
}

function decodeMessage(data, wireformat) {
  const bytes = raw(data)
  const decoded = mls.decodeMlsMessage(bytes, 0)
  if (decoded === undefined || decoded[1] !== bytes.length) throw new Error("the message does not parse")
  if (wireformat !== undefined && decoded[0].wireformat !== wireformat) throw new Error(`expected ${wireformat}`)
  return decoded[0]
}

const encodeMessage = (wireformat, field, value) =>
  hex(mls.encodeMlsMessage({ version: "mls10", wireformat, [field]: value }))

function pskId(proposal) {
  if (proposal.resumption === undefined) return { psktype: "external", pskId: raw(proposal.id) }
  const [groupId, epoch, usage] = proposal.resumption
  return { psktype: "resumption", usage: usage ?? "application", pskGroupId: raw(groupId), pskEpoch: BigInt(epoch) }
}

function proposalOf(proposal) {
  switch (proposal.kind) {
    case "add":
      return { proposalType: "add", add: { keyPackage: decodeMessage(proposal.package, "mls_key_package").keyPackage } }
    case "remove":
      return { proposalType: "remove", remove: { removed: proposal.leaf } }
    case "psk":
      return { proposalType: "psk", psk: { preSharedKeyId: { ...pskId(proposal), pskNonce: raw(proposal.nonce) } } }
    case "extensions":
      return {
        proposalType: "group_context_extensions",
        groupContextExtensions: { extensions: extensionsOf(proposal.extensions) },
      }
    case "reinit": {
      const reinit = { groupId: text("next"), version: "mls10", cipherSuite: proposal.suite, extensions: [] }
      return { proposalType: "reinit", reinit }
    }
    case "custom":
      return { proposalType: proposal.type, proposalData: raw(proposal.data) }
    default:
      throw new Error(`no proposal ${proposal.kind}`)
  }
}

const treeOf = (state) => hex(encode(ratchetTreeEncoder)(state.ratchetTree))
const treeBeside = (data) => (data === undefined || data === null ? undefined : decodeRatchetTree(raw(data), 0)[0])

async function exported(member, label, length) {
  const secret = member.state.keySchedule.exporterSecret
  return hex(await mls.mlsExporter(secret, label, new Uint8Array(), length, member.suite))
}

function view(member) {
  const { groupContext, groupActiveState, privatePath, keySchedule } = member.state
  return {
    epoch: Number(groupContext.epoch),
    group_id: hex(groupContext.groupId),
    active: groupActiveState.kind,
    leaf: privatePath.leafIndex,
    authenticator: hex(keySchedule.epochAuthenticator),
  }
}

const operations = {
  async package(request) {
    const suite = await suiteOf(request.suite)
    const credential = { credentialType: "basic", identity: text(request.identity ?? request.member) }
    const lifetime = { notBefore: 0n, notAfter: 9223372036854775807n }
    const leaf = extensionsOf(request.leaf_extensions)
    const outer = extensionsOf(request.package_extensions)
    const former = members.get(request.member)
    const keys = request.same_key && former !== undefined ? former.signature : await suite.signature.keygen()
    const made = await mls.generateKeyPackageWithKey(credential, capabilities(request), lifetime, outer, keys, suite, leaf)
    members.set(request.member, {
      suite,
      package: made.publicPackage,
      keys: made.privatePackage,
      signature: keys,
      config: clientConfig(request),
    })
    const secrets = made.privatePackage
    return {
      package: encodeMessage("mls_key_package", "keyPackage", made.publicPackage),
      init_priv: hex(secrets.initPrivateKey),
      encryption_priv: hex(secrets.hpkePrivateKey),
      signature_priv: hex(secrets.signaturePrivateKey.slice(-32)),
    }
  },

  async create(request) {
    await operations.package(request)
    const member = memberOf(request)
    const extensions = extensionsOf(request.extensions)
    const id = raw(request.group_id)
    member.state = await mls.createGroup(id, member.package, member.keys, extensions, member.suite, member.config)
    return view(member)
  },

  async join(request) {
    const member = memberOf(request)
    const { welcome } = decodeMessage(request.welcome, "mls_welcome")
    const tree = treeBeside(request.tree)
    const psks = pskIndex(member, request)
    const { package: keyPackage, keys, suite, config } = member
    member.state = await mls.joinGroup(welcome, keyPackage, keys, psks, suite, tree, undefined, config)
    return view(member)
  },

  async commit(request) {
    const member = memberOf(request)
    const made = await mls.createCommit(
      { state: member.state, cipherSuite: member.suite, pskIndex: pskIndex(member, request) },
      {
        extraProposals: (request.proposals ?? []).map(proposalOf),
        wireAsPublicMessage: request.public ?? false,
        ratchetTreeExtension: request.tree_in_welcome ?? true,
        groupInfoExtensions: extensionsOf(request.group_info_extensions),
        authenticatedData: raw(request.authenticated_data),
      },
    )
    member.next = made.newState
    return {
      commit: hex(mls.encodeMlsMessage(made.commit)),
      welcome: made.welcome === undefined ? null : encodeMessage("mls_welcome", "welcome", made.welcome),
      tree: treeOf(made.newState),
    }
  },

  async merge(request) {
    const member = memberOf(request)
    member.state = member.next
    member.next = undefined
    return view(member)
  },

  async propose(request) {
    const member = memberOf(request)
    const proposal = proposalOf(request.proposal)
    const made = await mls.createProposal(member.state, request.public ?? false, proposal, member.suite)
    member.state = made.newState
    return { message: hex(mls.encodeMlsMessage(made.message)) }
  },

  async process(request) {
    const member = memberOf(request)
    const message = decodeMessage(request.message)
    const psks = pskIndex(member, request)
    const result =
      message.wireformat === "mls_public_message"
        ? await mls.processPublicMessage(member.state, message.publicMessage, psks, member.suite)
        : await mls.processPrivateMessage(member.state, message.privateMessage, psks, member.suite)
    member.state = result.newState
    return { data: result.message === undefined ? null : hex(result.message), ...view(member) }
  },

  async encrypt(request) {
    const member = memberOf(request)
    const aad = raw(request.authenticated_data)
    const made = await mls.createApplicationMessage(member.state, raw(request.data), member.suite, aad)
    member.state = made.newState
    return { message: encodeMessage("mls_private_message", "privateMessage", made.privateMessage) }
  },

  async group_info(request) {
    const { state, suite } = memberOf(request)
    const pair = await suite.hpke.deriveKeyPair(state.keySchedule.externalSecret)
    const external = opaque(await suite.hpke.exportPublicKey(pair.publicKey))
    const extensions = [{ extensionType: "external_pub", extensionData: external }]
    if (request.with_tree ?? true) extensions.push({ extensionType: "ratchet_tree", extensionData: raw(treeOf(state)) })
    extensions.push(...extensionsOf(request.group_info_extensions))
    const info = await createGroupInfo(state.groupContext, state.confirmationTag, state, extensions, suite)
    return { info: encodeMessage("mls_group_info", "groupInfo", info), tree: treeOf(state) }
  },

  async join_external(request) {
    const former = members.get(request.member)
    await operations.package({ ...request, same_key: request.resync })
    const member = memberOf(request)
    const { groupInfo } = decodeMessage(request.info, "mls_group_info")
    const { package: keyPackage, keys, suite, config } = member
    const tree = treeBeside(request.tree)
    try {
      const resync = request.resync ?? false
      const made = await mls.joinGroupExternal(groupInfo, keyPackage, keys, resync, suite, tree, config)
      member.next = made.newState
      return { commit: encodeMessage("mls_public_message", "publicMessage", made.publicMessage) }
    } catch (error) {
      members.set(request.member, former)
      throw error
    }
  },

  async propose_add_external(request) {
    await operations.package(request)
    const { package: keyPackage, keys, suite } = memberOf(request)
    const { groupInfo } = decodeMessage(request.info, "mls_group_info")
    return { message: hex(mls.encodeMlsMessage(await mls.proposeAddExternal(groupInfo, keyPackage, keys, suite))) }
  },

  async members(request) {
    const { ratchetTree } = memberOf(request).state
    const leaves = []
    ratchetTree.forEach((node, index) => {
      if (node?.nodeType !== "leaf") return
      leaves.push([index / 2, hex(node.leaf.credential.identity), hex(node.leaf.signaturePublicKey)])
    })
    return { leaves }
  },

  async view(request) {
    const member = memberOf(request)
    const resumption = hex(member.state.keySchedule.resumptionPsk)
    return { ...view(member), tree: treeOf(member.state), resumption_psk: resumption }
  },

  async export(request) {
    return { secret: await exported(memberOf(request), request.label, request.length) }
  },

  // What the official vectors hold of a tree, and of one proposal applied to it.
  async tree_vector(request) {
    const { state, suite } = memberOf(request)
    const nodes = [...state.ratchetTree.keys()]
    return {
      tree: treeOf(state),
      group_id: hex(state.groupContext.groupId),
      tree_hashes: await Promise.all(nodes.map(async (node) => hex(await treeHash(state.ratchetTree, node, suite.hash)))),
      resolutions: nodes.map((node) => resolution(state.ratchetTree, node)),
    }
  },

  async apply_vector(request) {
    const { state, suite } = memberOf(request)
    const proposal = proposalOf(request.proposal)
    const after =
      proposal.proposalType === "add"
        ? addLeafNode(state.ratchetTree, proposal.add.keyPackage.leafNode)[0]
        : removeLeafNode(state.ratchetTree, proposal.remove.removed)
    return {
      tree_before: treeOf(state),
      proposal: hex(encodeProposal(proposal)),
      tree_after: hex(encode(ratchetTreeEncoder)(after)),
      tree_hash_before: hex(await treeHashRoot(state.ratchetTree, suite.hash)),
      tree_hash_after: hex(await treeHashRoot(after, suite.hash)),
    }
  },

  async encode_proposal(request) {
    return { proposal: hex(encodeProposal(proposalOf(request.proposal))) }
  },

  async derive_key_pair(request) {
    const suite = await suiteOf(request.suite)
    const pair = await suite.hpke.deriveKeyPair(raw(request.ikm))
    return { public: hex(await suite.hpke.exportPublicKey(pair.publicKey)) }
  },

  async forget(request) {
    members.delete(request.member)
    return {}
  },
}

Object.assign(operations, computationsOf(suiteOf), forgingOf(memberOf, proposalOf), textForgingOf(memberOf))

const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  try {
    const operation = operations[request.op]
    if (operation === undefined) throw new Error(`no operation ${request.op}`)
    answer({ id: request.id, ok: await operation(request) })
  } catch (error) {
    answer({ id: request.id, error: `${error.name}: ${error.message}` })
  }
}
