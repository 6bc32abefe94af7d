'use strict';

const { dirname, resolve } = require('node:path');
const { mark } = require('./embedded.js');
const { findPeer } = require('./peers.js');
const { importOf } = require('./pglite-extensions.js');
const { inside, schemaError } = require('./schema-error.js');
const { extensionOf, readScript } = require('./script.js');

/** psql's commands that say nothing about the schema. \copy brings data. */
const HARMLESS = [
  'restrict', 'unrestrict', 'echo', 'qecho', 'warn', 'set', 'unset', 'pset', 'timing', 'encoding', 'copy', 'x', 't', 'a', 'o',
];

/** Commands that name a file, and whether its path is relative to the file that names it. */
const INCLUDES = { i: false, include: false, ir: true, include_relative: true };

/** Statements that make no objects. */
const MAKES_NOTHING = ['set', 'insert', 'comment', 'grant', 'revoke'];

const UNDEFINED_OBJECT = '42704';

/** What a failed statement is known by: its file, the line PostgreSQL points to, and PostgreSQL's words. */
function failureOf(error, { sql, line }, file) {
  const before = Number(error.position ?? 1) - 1;
  const lines = [...(sql ?? '').slice(0, 2 * before)].slice(0, before).filter((char) => char === '\n').length;
  const parts = [error.message, error.detail, error.hint].filter(Boolean);
  return { file, line: line + lines, message: parts.map(inside).join('; ') };
}

/** Whether a transaction that the script began is open behind a statement. */
function openAfter(open, words) {
  const text = words.slice(0, 4).join(' ');
  if (/^(begin\b|start transaction)/.test(text)) return true;
  if (/^(commit|end|abort|rollback)( work| transaction)?( and no chain)?$/.test(text)) return false;
  return open;
}

/** Applies scripts to one embedded database, a statement at a time. */
class Applying {
  /** What was left out, with continueOnError or because PGlite does not have it. */
  skipped = [];
  /** Extensions that the scripts create, with what they say of them. */
  extensions = new Map();
  #database;
  #how;
  #open = false;

  /** `how`: `{ continueOnError, signal, origins, shown }`; `shown(path)` is how a file is named. */
  constructor(database, how) {
    this.#database = database;
    this.#how = how;
  }

  /** Applies a script in a session of its own; `makeRoles`: roles that a dump names are made. */
  async script(script, makeRoles = false) {
    await this.#begin();
    await this.#pieces(script, makeRoles);
    if (!this.#open) return;
    const last = script.pieces.at(-1);
    await this.#database.exec('ROLLBACK');
    this.#open = false;
    const error = new Error('the file leaves a transaction open; what it did in it was rolled back');
    this.#fail(error, { line: last.line }, this.#how.shown(script.file));
  }

  /** A new session: nothing that an earlier file set is left. */
  async #begin() {
    await this.#database.exec('DISCARD ALL');
    const path = await defaultPath(this.#database);
    await this.#database.query("SELECT pg_catalog.set_config('search_path', $1, false)", [path]);
  }

  async #pieces({ file, pieces }, makeRoles) {
    const shown = this.#how.shown(file);
    for (const piece of pieces) {
      this.#how.signal?.throwIfAborted();
      if (piece.command !== undefined) await this.#command(piece, file, shown, makeRoles);
      else await this.#statement(piece, shown, makeRoles);
    }
  }

  async #command({ command, arguments: names, line }, file, shown, makeRoles) {
    if (HARMLESS.includes(command)) return;
    if (!Object.hasOwn(INCLUDES, command)) {
      this.#fail(new Error(`psql's \\${command} cannot be applied here; write it as SQL`), { line }, shown);
      return;
    }
    const path = INCLUDES[command] ? resolve(dirname(file), names[0] ?? '') : resolve(names[0] ?? '');
    try {
      await this.#pieces(await readScript(path), makeRoles);
    } catch (error) {
      if (error.code !== 'ERR_PGTAP_SCHEMA_FILES') throw error;
      this.#fail(error, { line }, shown);
    }
  }

  async #statement(piece, shown, makeRoles) {
    const { words, data } = piece;
    // Rows of data change no schema.
    if (data || this.#isLeftOut(piece, shown)) return;
    try {
      await this.#send(piece.sql, makeRoles);
    } catch (error) {
      if (error.code === undefined) throw error;
      this.#fail(error, piece, shown);
      return;
    }
    this.#open = openAfter(this.#open, words);
    if (!MAKES_NOTHING.includes(words[0])) this.#how.origins.add(await mark(this.#database), words, shown, piece.line);
  }

  /** Inside a transaction one statement that fails must not take the others with it. */
  async #send(sql, makeRoles) {
    const kept = this.#open && this.#how.continueOnError;
    if (kept) await this.#database.exec('SAVEPOINT pgtap_scanner');
    try {
      await this.#sendMakingRoles(sql, makeRoles);
    } catch (error) {
      if (kept) await this.#database.exec('ROLLBACK TO SAVEPOINT pgtap_scanner');
      throw error;
    }
  }

  /** A dump names roles and creates none. */
  async #sendMakingRoles(sql, makeRoles) {
    try {
      await this.#database.exec(sql);
    } catch (error) {
      const [, role] = /^role "(.*)" does not exist$/s.exec(error.message) ?? [];
      if (!makeRoles || error.code !== UNDEFINED_OBJECT || role === undefined || this.#open) throw error;
      await this.#database.exec(`CREATE ROLE "${role.replaceAll('"', '""')}"`);
      await this.#sendMakingRoles(sql, makeRoles);
    }
  }

  /** Notes a statement about an extension; true when it is left out because the extension is not to be had. */
  #isLeftOut({ words, line }, file) {
    const extension = extensionOf(words);
    if (extension === null) return false;
    const { does, name, schema } = extension;
    if (does === 'create') this.extensions.set(name, { schema, file, line });
    if (does === 'drop') this.extensions.delete(name);
    if (name === 'plpgsql') return false;
    const path = importOf(name);
    if (path !== undefined && findPeer(path) !== undefined) return false;
    if (does !== 'create') return true;
    if (path === undefined) {
      this.skipped.push({ file, line, message: `the extension "${name}" is left out: PGlite does not have it` });
    } else {
      const message = `the extension "${name}" needs the package ${path}, which is not installed: npm install ${path}`;
      this.#fail(new Error(message), { line }, file);
    }
    return true;
  }

  #fail(error, piece, shown) {
    const failure = failureOf(error, piece, shown);
    if (this.#how.continueOnError) {
      this.skipped.push(failure);
      return;
    }
    const { file, line, message } = failure;
    const before = this.skipped.map((each) => each.message).join('; ');
    const text = `${file}:${line}: ${message}${before && ` (${before})`}. `
      + 'Correct the file, or set continueOnError (--continue) to go on without what fails.';
    throw Object.assign(schemaError('ERR_PGTAP_SCHEMA_MIGRATION', text, error), { file, line });
  }
}

/** The database's search path: what `ALTER DATABASE … SET` says, else PostgreSQL's own. */
async function defaultPath(database) {
  const { rows } = await database.query(`
    SELECT coalesce((
      SELECT pg_catalog.substr(setting, 13) FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) setting
      WHERE s.setrole = 0 AND setting LIKE 'search\\_path=%'
        AND s.setdatabase = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
    ), boot_val) AS path FROM pg_catalog.pg_settings WHERE name = 'search_path'`);
  return rows[0].path;
}

module.exports = { Applying, defaultPath };
