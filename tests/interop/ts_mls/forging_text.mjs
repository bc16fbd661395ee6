// Texts of a live group, sealed by hand with the keys that a member of ts-mls has: one thing is wrong, all else is right.

import { encode } from "ts-mls/codec/tlsEncoder.js"
import { varLenDataEncoder } from "ts-mls/codec/variableLength.js"
import { signFramedContentApplicationOrProposal } from "ts-mls/framedContent.js"
import { encodeMlsMessage } from "ts-mls"
import { privateContentAADEncoder } from "ts-mls/privateMessage.js"
import { deriveKey, derivePrivateMessageNonce } from "ts-mls/secretTree.js"
import { expandSenderDataKey, expandSenderDataNonce, senderDataAADEncoder, senderDataEncoder } from "ts-mls/sender.js"

const hex = (bytes) => Buffer.from(bytes).toString("hex")
const raw = (text) => new Uint8Array(Buffer.from(text, "hex"))
const flipped = (bytes) => bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte))
const concat = (...parts) => new Uint8Array(Buffer.concat(parts))
const opaque = encode(varLenDataEncoder)

const NOBODY = 200
const EPOCHS_AHEAD = { later_epoch: 1n, earlier_epoch: -1n }
const GENERATIONS_AHEAD = { generation_next: 1, generation_far: 70000, generation_last: 0xffffffff }
const PADDING = { padding: [0, 0, 0], padding_of_one: [1], padding_ends_in_one: [0, 0, 1], tag_behind: [32, ...Array(32).fill(7)] }
const KEPT_OF_CIPHERTEXT = { ciphertext_none: 0, ciphertext_short: 15, ciphertext_tag_only: 16, ciphertext_cut: -1 }
const KEPT_OF_PLAINTEXT = { nothing_inside: 0, signature_missing: 2, signature_cut: -1 }

export function textForgingOf(memberOf) {
  return {
    // `data` under the next key of the sender's; `spoil` is what is wrong; `other` is another member's leaf.
    async forge_text({ data, spoil, other, ...request }) {
      const { state, suite } = memberOf(request)
      const secret = state.keySchedule.senderDataSecret
      const own = state.privatePath.leafIndex
      const seat = spoil === "in_anothers_name" ? other : own
      const kind = spoil === "called_a_proposal" ? "proposal" : spoil === "called_a_commit" ? "commit" : "application"
      const ratchet = state.secretTree[2 * seat][kind === "application" ? "application" : "handshake"]
      const groupId = spoil === "group" ? new Uint8Array([1]) : state.groupContext.groupId
      const place = { groupId, epoch: state.groupContext.epoch + (EPOCHS_AHEAD[spoil] ?? 0n) }

      const context = { ...state.groupContext, ...place }
      if (spoil === "signed_for_another_tree") context.treeHash = flipped(context.treeHash)
      if (spoil === "signed_for_another_epoch") context.epoch += 1n
      const sender = { senderType: "member", leafIndex: spoil === "signed_as_another" ? other : seat }
      const authenticatedData = new Uint8Array([7])
      const content = { contentType: "application", applicationData: raw(data), ...place, sender, authenticatedData }
      const wireformat = spoil === "signed_as_public" ? "mls_public_message" : "mls_private_message"
      const tbs = { protocolVersion: "mls10", wireformat, content, senderType: "member", context }
      const key = spoil === "signed_by_a_stranger" ? (await suite.signature.keygen()).signKey : state.signaturePrivateKey
      const { signature } = await signFramedContentApplicationOrProposal(key, tbs, suite)
      const shownSignature = spoil === "signature" ? flipped(signature) : signature
      const whole = concat(opaque(raw(data)), opaque(shownSignature), new Uint8Array(PADDING[spoil] ?? []))
      const plaintext = whole.slice(0, KEPT_OF_PLAINTEXT[spoil])

      const guard = suite.rng.randomBytes(4)
      const contentKey = await deriveKey(ratchet.secret, ratchet.generation, suite)
      const nonce = await derivePrivateMessageNonce(ratchet.secret, ratchet.generation, guard, suite)
      const aad = { ...place, contentType: kind, authenticatedData: spoil === "aad" ? new Uint8Array() : authenticatedData }
      const sealed = await suite.hpke.encryptAead(contentKey, nonce, encode(privateContentAADEncoder)(aad), plaintext)
      const ciphertext = sealed.slice(0, KEPT_OF_CIPHERTEXT[spoil])

      const senderData = encode(senderDataEncoder)({
        leafIndex: spoil === "leaf_of_another" ? other : spoil === "leaf_of_nobody" ? NOBODY : seat,
        generation: Math.min(ratchet.generation + (GENERATIONS_AHEAD[spoil] ?? 0), 0xffffffff),
        reuseGuard: spoil === "guard" ? flipped(guard) : guard,
      })
      const lengthened = spoil === "sender_data_long" ? concat(senderData, new Uint8Array([0])) : senderData
      const shownData = spoil === "sender_data_short" ? senderData.slice(0, 11) : lengthened
      const sample = spoil === "sample" ? flipped(ciphertext) : ciphertext
      const dataKey = await expandSenderDataKey(suite, secret, sample)
      const dataNonce = await expandSenderDataNonce(suite, secret, sample)
      const dataAad = encode(senderDataAADEncoder)({ ...place, contentType: kind })
      const encryptedSenderData = await suite.hpke.encryptAead(dataKey, dataNonce, dataAad, shownData)
      const contentType = spoil === "type_on_the_way" ? "proposal" : kind
      const privateMessage = { ...place, contentType, authenticatedData, encryptedSenderData, ciphertext }
      return { message: hex(encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage })) }
    },
  }
}
