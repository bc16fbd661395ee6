// ts-mls and libsignal beside our engine: `node mls_node.mjs 2 10 100`, called by tests/bench/mls.py --node FOLDER.
// Prints one JSON object: medians in milliseconds, bytes, and which of the two were there, with their versions.

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

const MODULES = process.env.BYRE_NODE_MODULES
const SIZES = process.argv.slice(2).map(Number)
const TEXT = Uint8Array.from({ length: 100 }, (_, number) => number)
const ROUNDS = { 2: 10, 10: 5, 100: 2 }

const text = (name) => new TextEncoder().encode(name)
const version = (name) => JSON.parse(readFileSync(join(MODULES, "node_modules", name, "package.json"))).version
const load = (path) => import(pathToFileURL(join(MODULES, "node_modules", path)))

class Times {
  constructor() {
    this.all = {}
  }
  async of(name, work) {
    const start = process.hrtime.bigint()
    const result = await work()
    ;(this.all[name] ??= []).push(Number(process.hrtime.bigint() - start) / 1e6)
    return result
  }
  medians() {
    const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
    return Object.fromEntries(Object.entries(this.all).map(([name, values]) => [name, { ms: +middle(values).toFixed(4) }]))
  }
}

// --- ts-mls, suite 1 -------------------------------------------------------------------------------------------------

async function tsMls(size, times, bytes) {
  const mls = await load("ts-mls/dist/src/index.js")
  const suite = await mls.getCiphersuiteImpl(mls.getCiphersuiteFromName("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"))
  const person = (name) =>
    mls.generateKeyPackage(
      { credentialType: "basic", identity: text(name) },
      mls.defaultCapabilities(),
      mls.defaultLifetime,
      [],
      suite,
    )
  const a = await person("a")
  const others = []
  for (let number = 1; number < size; number++) others.push(await person(`p${number}`))
  const made = await times.of("create_add", async () => {
    const group = await mls.createGroup(text("group"), a.publicPackage, a.privatePackage, [], suite)
    const extraProposals = others.map((each) => ({ proposalType: "add", add: { keyPackage: each.publicPackage } }))
    return mls.createCommit({ state: group, cipherSuite: suite }, { extraProposals, ratchetTreeExtension: true })
  })
  let state = made.newState
  const welcome = { version: "mls10", wireformat: "mls_welcome", welcome: made.welcome }
  bytes.welcome_with_tree = mls.encodeMlsMessage(welcome).length
  bytes.add_commit = mls.encodeMlsMessage(made.commit).length
  const b = others[0]
  let joined = await times.of("join", () =>
    mls.joinGroup(made.welcome, b.publicPackage, b.privatePackage, mls.emptyPskIndex, suite),
  )
  for (let number = 0; number < 20; number++) {
    const sealed = await times.of("encrypt", async () => {
      const result = await mls.createApplicationMessage(state, TEXT, suite)
      const message = { version: "mls10", wireformat: "mls_private_message", privateMessage: result.privateMessage }
      return { ...result, message: mls.encodeMlsMessage(message) }
    })
    state = sealed.newState
    bytes.message_of_100 = sealed.message.length
    const opened = await times.of("decrypt", () => {
      const [message] = mls.decodeMlsMessage(sealed.message, 0)
      return mls.processPrivateMessage(joined, message.privateMessage, mls.emptyPskIndex, suite)
    })
    joined = opened.newState
  }
  const extraProposals = size > 2 ? [{ proposalType: "remove", remove: { removed: size - 1 } }] : []
  const name = size > 2 ? "remove" : "commit"
  const commit = await times.of(name, () => mls.createCommit({ state, cipherSuite: suite }, { extraProposals }))
  bytes.remove_commit = mls.encodeMlsMessage(commit.commit).length
  await times.of("process_commit", () =>
    mls.processPrivateMessage(joined, commit.commit.privateMessage, mls.emptyPskIndex, suite),
  )
}

// --- libsignal: a group's sender keys, which have no post-quantum part and no agreement on who is in the group ------------

async function libsignal(times, bytes) {
  const signal = await load("@signalapp/libsignal-client/dist/index.js")
  class Keys extends signal.SenderKeyStore {
    kept = new Map()
    async saveSenderKey(address, id, record) {
      this.kept.set(`${address.name()}.${address.deviceId()} ${id}`, record)
    }
    async getSenderKey(address, id) {
      return this.kept.get(`${address.name()}.${address.deviceId()} ${id}`) ?? null
    }
  }
  const address = signal.ProtocolAddress.new("a", 1)
  const [ours, theirs] = [new Keys(), new Keys()]
  const group = "6838237d-02f6-4098-b110-698253d15961"
  const invitation = await signal.SenderKeyDistributionMessage.create(address, group, ours)
  await signal.processSenderKeyDistributionMessage(address, invitation, theirs)
  for (let number = 0; number < 200; number++) {
    const sealed = await times.of("encrypt", async () =>
      (await signal.groupEncrypt(address, group, ours, TEXT)).serialize(),
    )
    bytes.message_of_100 = sealed.length
    await times.of("decrypt", () => signal.groupDecrypt(address, theirs, sealed))
  }
}

// ---------------------------------------------------------------------------------------------------------------------

const report = { peers: [], median: {}, bytes: {}, skipped: {} }

async function attempt(name, work) {
  try {
    const found = version(name)
    await work()
    report.peers.push({ name, version: found })
  } catch (error) {
    report.skipped[name] = String(error.message ?? error).split("\n")[0]
  }
}

await attempt("ts-mls", async () => {
  for (const size of SIZES) {
    const times = new Times()
    const bytes = {}
    for (let round = 0; round < (ROUNDS[size] ?? 1) + 1; round++) {
      if (round === 1) times.all = {} // the first one warms up
      await tsMls(size, times, bytes)
    }
    ;(report.median[size] ??= {}).ts_mls_suite_1 = times.medians()
    ;(report.bytes[size] ??= {}).ts_mls_suite_1 = bytes
  }
})
await attempt("@signalapp/libsignal-client", async () => {
  const times = new Times()
  const bytes = {}
  await libsignal(times, bytes)
  report.median.any = { libsignal_sender_key: times.medians() }
  report.bytes.any = { libsignal_sender_key: bytes }
})
console.log(JSON.stringify(report))
