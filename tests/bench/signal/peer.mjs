// Signal Desktop's database engine on the corpus of tests/bench/store.py: rows as JSON lines in, figures out.
// Schema and statements as Signal Desktop has them in what matters here: messages with an FTS5 index by its own
// tokenizer, prefix queries, results newest first with their snippets.
import { createInterface } from 'node:readline';
import Database from '@signalapp/sqlcipher';

const [path, key] = process.argv.slice(2);
const db = new Database(path, {});
db.pragma(`key = "x'${key}'"`);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.pragma('cache_size = -32000');
db.initTokenizer();
db.exec(`
  CREATE TABLE IF NOT EXISTS messages (rowid INTEGER PRIMARY KEY ASC, id TEXT UNIQUE, conversationId TEXT, sent_at INTEGER, body TEXT);
  CREATE INDEX IF NOT EXISTS messages_conversation ON messages (conversationId, rowid);
  CREATE INDEX IF NOT EXISTS messages_searchOrder ON messages (sent_at, rowid);
  CREATE VIRTUAL TABLE IF NOT EXISTS messages_fts USING fts5(body, tokenize = 'signal_tokenizer');
`);
const insert = db.prepare('INSERT INTO messages (rowid, id, conversationId, sent_at, body) VALUES (?, ?, ?, ?, ?)');
const index = db.prepare('INSERT INTO messages_fts (rowid, body) VALUES (?, ?)');
// A query that is kind to it: by rowid, without the temporary tables that Signal Desktop goes by.
const direct = db.prepare(`
  SELECT m.rowid, m.body, snippet(messages_fts, -1, '<', '>', '...', 10) AS snippet
  FROM messages_fts JOIN messages m ON m.rowid = messages_fts.rowid
  WHERE messages_fts MATCH ? ORDER BY messages_fts.rowid DESC LIMIT ?`);
// What Signal Desktop runs to search all conversations: all matches into a temporary table, the newest of them into
// another one, then their texts and snippets. Its order is (received_at, sent_at), under an index of its own.
const TABLES = `
  CREATE TEMP TABLE tmp_results (rowid INTEGER PRIMARY KEY ASC);
  CREATE TEMP TABLE tmp_filtered_results (rowid INTEGER PRIMARY KEY ASC);`;
const GONE = 'DROP TABLE tmp_results; DROP TABLE tmp_filtered_results;';
const search = db.transaction((words, limit) => {
  db.exec(TABLES);
  db.prepare('INSERT INTO tmp_results (rowid) SELECT rowid FROM messages_fts WHERE messages_fts.body MATCH ?').run([words]);
  db.prepare(`
    INSERT INTO tmp_filtered_results (rowid)
    SELECT tmp_results.rowid FROM tmp_results INNER JOIN messages ON messages.rowid = tmp_results.rowid
    ORDER BY messages.sent_at DESC, messages.rowid DESC LIMIT ?`).run([limit]);
  const rows = db.prepare(`
    SELECT messages.rowid, messages.body, snippet(messages_fts, -1, '<', '>', '...', 10) AS snippet
    FROM tmp_filtered_results
    INNER JOIN messages_fts ON messages_fts.rowid = tmp_filtered_results.rowid
    INNER JOIN messages ON messages.rowid = tmp_filtered_results.rowid
    WHERE messages_fts.body MATCH ?
    ORDER BY messages.sent_at DESC, messages.rowid DESC`).all([words]);
  db.exec(GONE);
  return rows;
});
const found = db.prepare('SELECT count(*) AS n FROM messages_fts WHERE messages_fts MATCH ?');
const page = db.prepare('SELECT * FROM messages WHERE conversationId = ? AND rowid < ? ORDER BY rowid DESC LIMIT 50');

const store = db.transaction((rows) => {
  for (const [rowid, id, room, at, body] of rows) {
    insert.run([rowid, id, room, at, body]);
    index.run([rowid, body]);
  }
});
const expression = (words) => words.split(' ').map((word) => `"${word}"*`).join(' ');
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

function timed(rounds, work) {
  work();
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = process.hrtime.bigint();
    work();
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return median(times);
}

const commands = {
  insert: ({ rows }) => { store(rows); return rows.length; },
  optimise: () => db.exec("INSERT INTO messages_fts (messages_fts) VALUES ('optimize')") ?? 0,
  search: ({ query, rounds, limit }) => ({
    ms: timed(rounds, () => search(expression(query), limit)),
    kind_ms: timed(rounds, () => direct.all([expression(query), limit])),
    hits: found.get([expression(query)]).n,
  }),
  page: ({ room, before, rounds }) => timed(rounds, () => page.all([room, before])),
  single: ({ rows }) => {
    const times = rows.map((row) => {
      const start = process.hrtime.bigint();
      store([row]);
      return Number(process.hrtime.bigint() - start) / 1e6;
    });
    return median(times);
  },
  version: () => db.prepare('SELECT sqlite_version() AS version').get([]).version,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...rest } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(commands[op](rest) ?? null)}\n`);
}
db.close();
