import { hash } from 'node:crypto'

/**
 * The Merkle tree of RFC 6962 2.1 and RFC 9162 2.1 over SHA-256: pure functions on hashes of 32
 * bytes. Sizes and indices are non-negative safe integers; the caller has checked that.
 */
export type Hash = Uint8Array

const sha256 = (...parts: readonly Uint8Array[]): Hash =>
  new Uint8Array(hash('sha256', Buffer.concat(parts), 'buffer'))

export const leafHash = (data: Uint8Array): Hash => sha256(Uint8Array.of(0), data)
export const nodeHash = (left: Hash, right: Hash): Hash => sha256(Uint8Array.of(1), left, right)

/** The tree's right edge: the roots of its complete subtrees, largest first. */
export interface Frontier {
  readonly size: number
  readonly roots: readonly Hash[]
}

export const emptyFrontier: Frontier = { size: 0, roots: [] }

/** The frontier after one more leaf; two equal subtrees become one. */
export function appendLeaf({ size, roots }: Frontier, leaf: Hash): Frontier {
  const next = [...roots]
  let node = leaf
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
    const left = next.pop()
    if (!left) throw new Error(`A frontier of ${size} leaves lacks a subtree.`)
    node = nodeHash(left, node)
  }
  next.push(node)
  return { size: size + 1, roots: next }
}

/** The tree's root hash; for no leaves, the hash of nothing. */
export function frontierRoot({ roots }: Frontier): Hash {
  const last = roots.at(-1)
  if (!last) return sha256()
  return roots.slice(0, -1).reduceRight<Hash>((right, left) => nodeHash(left, right), last)
}

/** The root over leaf hashes, by the recursive definition of RFC 6962 2.1. */
export function treeRoot(leaves: readonly Hash[]): Hash {
  const [first] = leaves
  if (!first) return sha256()
  if (leaves.length === 1) return first
  const split = splitPoint(leaves.length)
  return nodeHash(treeRoot(leaves.slice(0, split)), treeRoot(leaves.slice(split)))
}

/** RFC 9162 2.1.3.1: the hashes that lead from leaf `index` to the root of `leaves`. */
export function inclusionProof(leaves: readonly Hash[], index: number): readonly Hash[] {
  if (leaves.length <= 1) return []
  const split = splitPoint(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return index < split
    ? [...inclusionProof(left, index), treeRoot(right)]
    : [...inclusionProof(right, index - split), treeRoot(left)]
}

/** RFC 9162 2.1.4.1: the hashes that show that the first `size` of `leaves` were a tree once. */
export function consistencyProof(leaves: readonly Hash[], size: number): readonly Hash[] {
  if (size === 0 || size === leaves.length) return []
  return subproof(leaves, size, true)
}

function subproof(leaves: readonly Hash[], size: number, whole: boolean): readonly Hash[] {
  if (size === leaves.length) return whole ? [] : [treeRoot(leaves)]
  const split = splitPoint(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return size <= split
    ? [...subproof(left, size, whole), treeRoot(right)]
    : [...subproof(right, size - split, false), treeRoot(left)]
}

/** RFC 9162 2.1.3.2. */
export function verifyInclusion({
  leaf,
  index,
  size,
  proof,
  root,
}: {
  readonly leaf: Hash
  readonly index: number
  readonly size: number
  readonly proof: readonly Hash[]
  readonly root: Hash
}): boolean {
  if (index >= size) return false
  let [fn, sn] = [index, size - 1]
  let node = leaf
  for (const step of proof) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      node = nodeHash(step, node)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, half(sn)]
    } else {
      node = nodeHash(node, step)
    }
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && same(node, root)
}

/** RFC 9162 2.1.4.2; a tree is consistent with the empty tree and with itself. */
export function verifyConsistency({
  oldSize,
  oldRoot,
  size,
  root,
  proof,
}: {
  readonly oldSize: number
  readonly oldRoot: Hash
  readonly size: number
  readonly root: Hash
  readonly proof: readonly Hash[]
}): boolean {
  if (oldSize > size) return false
  if (oldSize === size) return proof.length === 0 && same(oldRoot, root)
  if (oldSize === 0) return proof.length === 0 && same(oldRoot, sha256())
  // A complete old tree is its own first node, which the proof leaves out.
  const [first, ...rest] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof
  if (!first) return false
  let [fn, sn] = [oldSize - 1, size - 1]
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)]
  let [oldNode, node] = [first, first]
  for (const step of rest) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      oldNode = nodeHash(step, oldNode)
      node = nodeHash(step, node)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, half(sn)]
    } else {
      node = nodeHash(node, step)
    }
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && same(oldNode, oldRoot) && same(node, root)
}

/** The largest power of two smaller than `size`. */
function splitPoint(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

const half = (value: number) => Math.floor(value / 2)
const isPowerOfTwo = (value: number) => Number.isInteger(Math.log2(value))
const same = (a: Hash, b: Hash) => Buffer.compare(a, b) === 0
