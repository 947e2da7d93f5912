/**
 * Preloaded into a process and its threads, as `node --import`: it dies as by `kill -9` once SQLite
 * has carried out `LANYARD_DIE_AFTER` statements that change something or begin or end a change.
 */
import { DatabaseSync, StatementSync } from 'node:sqlite'

const changes =
  /^\s*(create|alter|drop|insert|update|delete|begin|savepoint|release|commit|rollback)\b/i
let left = Number(process.env['LANYARD_DIE_AFTER'] ?? Infinity)

function done(text: string): void {
  if (!changes.test(text)) return
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}

/** Counts each call; `text` tells which statement it carried out. */
function count<T extends object>(
  prototype: T,
  method: keyof T,
  text: (self: T, parameters: readonly unknown[]) => string,
): void {
  const original = prototype[method] as (...parameters: unknown[]) => unknown
  Object.assign(prototype, {
    [method](this: T, ...parameters: unknown[]) {
      const result = original.apply(this, parameters)
      done(text(this, parameters))
      return result
    },
  })
}

count(DatabaseSync.prototype, 'exec', (_, [text]) => String(text))
for (const method of ['run', 'all'] as const)
  count(StatementSync.prototype, method, ({ sourceSQL }) => sourceSQL)
