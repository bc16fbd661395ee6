// Single computations of ts-mls on random inputs, in the fields of the official vectors.

import { encryptWithLabel } from "ts-mls/crypto/hpke.js"
import { refhash } from "ts-mls/crypto/hash.js"
import { deriveSecret, deriveTreeSecret, expandWithLabel } from "ts-mls/crypto/kdf.js"
import { signWithLabel } from "ts-mls/crypto/signature.js"
import { encodeGroupContext } from "ts-mls/groupContext.js"
import { initializeEpoch, mlsExporter } from "ts-mls/keySchedule.js"
import { computePskSecret } from "ts-mls/presharedkey.js"
import { createSecretTree, deriveKey, deriveNonce, ratchetUntil } from "ts-mls/secretTree.js"
import { expandSenderDataKey, expandSenderDataNonce } from "ts-mls/sender.js"

const hex = (bytes) => Buffer.from(bytes).toString("hex")
const keepAll = { retainKeysForGenerations: 100, retainKeysForEpochs: 1, maximumForwardRatchetSteps: 1000 }

export function computationsOf(suiteOf) {
  return {
    async crypto_basics({ suite }) {
      const cs = await suiteOf(suite)
      const random = (length) => cs.rng.randomBytes(length)
      const [secret, value, context] = [random(cs.kdf.size), random(70), random(300)]
      const keys = await cs.signature.keygen()
      const pair = await cs.hpke.generateKeyPair()
      const sealed = await encryptWithLabel(pair.publicKey, "Odd label", context, value, cs.hpke)
      return {
        ref_hash: { label: "Odd", value: hex(value), out: hex(await refhash("Odd", value, cs.hash)) },
        expand_with_label: {
          ...{ secret: hex(secret), label: "odd", context: hex(context), length: 100 },
          out: hex(await expandWithLabel(secret, "odd", context, 100, cs.kdf)),
        },
        derive_secret: { secret: hex(secret), label: "", out: hex(await deriveSecret(secret, "", cs.kdf)) },
        derive_tree_secret: {
          ...{ secret: hex(secret), label: "tree", generation: 0xfffffffe, length: 16 },
          out: hex(await deriveTreeSecret(secret, "tree", 0xfffffffe, 16, cs.kdf)),
        },
        sign_with_label: {
          ...{ priv: hex(keys.signKey.slice(-32)), pub: hex(keys.publicKey), content: hex(value), label: "Odd" },
          signature: hex(await signWithLabel(keys.signKey, "Odd", value, cs.signature)),
        },
        encrypt_with_label: {
          priv: hex(await cs.hpke.exportPrivateKey(pair.privateKey)),
          pub: hex(await cs.hpke.exportPublicKey(pair.publicKey)),
          ...{ label: "Odd label", context: hex(context), plaintext: hex(value) },
          ...{ kem_output: hex(sealed.enc), ciphertext: hex(sealed.ct) },
        },
      }
    },

    async psk_secret({ suite, count }) {
      const cs = await suiteOf(suite)
      const psks = Array.from({ length: count }, (_, index) => ({
        id: { psktype: "external", pskId: cs.rng.randomBytes(index * 30), pskNonce: cs.rng.randomBytes(cs.kdf.size) },
        psk: cs.rng.randomBytes(1 + index * 20),
      }))
      const pairs = psks.map(({ id, psk }) => [id, psk])
      return {
        psks: psks.map(({ id, psk }) => ({ psk_id: hex(id.pskId), psk_nonce: hex(id.pskNonce), psk: hex(psk) })),
        psk_secret: hex(await computePskSecret(pairs, cs)),
      }
    },

    async key_schedule({ suite, count }) {
      const cs = await suiteOf(suite)
      const random = () => cs.rng.randomBytes(cs.kdf.size)
      const groupId = cs.rng.randomBytes(90)
      let initSecret = random()
      const epochs = []
      const first = hex(initSecret)
      for (let epoch = 0; epoch < count; epoch++) {
        const [treeHash, confirmedTranscriptHash, commitSecret, psk, exporterContext] = Array.from({ length: 5 }, random)
        const fixed = { version: "mls10", cipherSuite: cs.name, groupId, extensions: [] }
        const context = { ...fixed, epoch: BigInt(epoch), treeHash, confirmedTranscriptHash }
        const encoded = encodeGroupContext(context)
        const made = await initializeEpoch(initSecret, commitSecret, context, psk, cs.kdf)
        const keys = made.keySchedule
        const external = await cs.hpke.deriveKeyPair(keys.externalSecret)
        epochs.push({
          ...{ tree_hash: hex(treeHash), confirmed_transcript_hash: hex(confirmedTranscriptHash) },
          ...{ commit_secret: hex(commitSecret), psk_secret: hex(psk), group_context: hex(encoded) },
          ...{ joiner_secret: hex(made.joinerSecret), welcome_secret: hex(made.welcomeSecret) },
          ...{ encryption_secret: hex(made.encryptionSecret), init_secret: hex(keys.initSecret) },
          ...{ sender_data_secret: hex(keys.senderDataSecret), exporter_secret: hex(keys.exporterSecret) },
          ...{ external_secret: hex(keys.externalSecret), confirmation_key: hex(keys.confirmationKey) },
          ...{ membership_key: hex(keys.membershipKey), resumption_psk: hex(keys.resumptionPsk) },
          epoch_authenticator: hex(keys.epochAuthenticator),
          external_pub: hex(await cs.hpke.exportPublicKey(external.publicKey)),
          exporter: {
            ...{ label: `label ${epoch}`, context: hex(exporterContext), length: 77 },
            secret: hex(await mlsExporter(keys.exporterSecret, `label ${epoch}`, exporterContext, 77, cs)),
          },
        })
        initSecret = keys.initSecret
      }
      return { group_id: hex(groupId), initial_init_secret: first, epochs }
    },

    async secret_tree({ suite, count, generations }) {
      const cs = await suiteOf(suite)
      const [encryptionSecret, senderDataSecret] = [0, 1].map(() => cs.rng.randomBytes(cs.kdf.size))
      const ciphertext = cs.rng.randomBytes(9)
      const tree = await createSecretTree(count, new Uint8Array(encryptionSecret), cs.kdf)
      const leaves = []
      for (const node of tree.filter((_, index) => index % 2 === 0)) {
        const entries = []
        for (const generation of generations) {
          const entry = { generation }
          for (const kind of ["application", "handshake"]) {
            const [ratchet] = await ratchetUntil(node[kind], generation, keepAll, cs.kdf)
            entry[`${kind}_key`] = hex(await deriveKey(ratchet.secret, generation, cs))
            entry[`${kind}_nonce`] = hex(await deriveNonce(ratchet.secret, generation, cs))
          }
          entries.push(entry)
        }
        leaves.push(entries)
      }
      return {
        encryption_secret: hex(encryptionSecret),
        sender_data: {
          ...{ sender_data_secret: hex(senderDataSecret), ciphertext: hex(ciphertext) },
          key: hex(await expandSenderDataKey(cs, senderDataSecret, ciphertext)),
          nonce: hex(await expandSenderDataNonce(cs, senderDataSecret, ciphertext)),
        },
        leaves,
      }
    },
  }
}
