import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  appendLeaf,
  consistencyProof,
  emptyFrontier,
  frontierRoot,
  inclusionProof,
  leafHash,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
  type Hash,
} from './merkle.ts'

const hex = (hash: Hash) => Buffer.from(hash).toString('hex')
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))

/** The entries and roots that implementations of RFC 6962 are tested with. */
const entries = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const leaves = entries.map((entry) => leafHash(bytes(entry)))

describe('the known vectors', () => {
  test('the tree of nothing has the hash of nothing', () => {
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    expect(hex(treeRoot([]))).toBe(empty)
    expect(hex(frontierRoot(emptyFrontier))).toBe(empty)
  })

  test.each(roots.map((root, at) => [at + 1, root] as const))('root of %i', (size, root) => {
    expect(hex(treeRoot(leaves.slice(0, size)))).toBe(root)
    expect(hex(frontierRoot(leaves.slice(0, size).reduce(appendLeaf, emptyFrontier)))).toBe(root)
  })

  test('path of the first of eight', () => {
    expect(inclusionProof(leaves, 0).map(hex)).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ])
  })

  test('consistency of six with eight', () => {
    expect(consistencyProof(leaves, 6).map(hex)).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ])
  })
})

describe('properties', () => {
  const tree = fc
    .array(fc.uint8Array({ minLength: 0, maxLength: 8 }), { minLength: 1, maxLength: 70 })
    .map((data) => data.map(leafHash))
  const treeAndIndex = tree.chain((all) =>
    fc.record({ all: fc.constant(all), index: fc.nat(all.length - 1) }),
  )

  test('the frontier has the root of the recursive definition', () => {
    fc.assert(
      fc.property(tree, (all) => {
        expect(hex(frontierRoot(all.reduce(appendLeaf, emptyFrontier)))).toBe(hex(treeRoot(all)))
      }),
    )
  })

  test('every leaf is proven, at its own place and in its own tree only', () => {
    fc.assert(
      fc.property(treeAndIndex, fc.nat(80), fc.nat(255), ({ all, index }, other, flip) => {
        const proof = inclusionProof(all, index)
        const claim = { leaf: leafHash(Uint8Array.of(1, 2)), index, size: all.length, proof }
        const root = treeRoot(all)
        const leaf = all[index] ?? root
        expect(verifyInclusion({ ...claim, leaf, root })).toBe(true)
        expect(verifyInclusion({ ...claim, root })).toBe(false)
        expect(verifyInclusion({ ...claim, leaf, root: leafHash(root) })).toBe(false)
        const elsewhere = all[other % all.length] ?? leaf
        const same = hex(elsewhere) === hex(leaf)
        expect(verifyInclusion({ ...claim, leaf: elsewhere, root })).toBe(same)
        expect(verifyInclusion({ ...claim, leaf, root, index: all.length })).toBe(false)
        expect(verifyInclusion({ ...claim, leaf, root, proof: [...proof, root] })).toBe(false)
        if (proof.length === 0) return
        expect(verifyInclusion({ ...claim, leaf, root, proof: proof.slice(1) })).toBe(false)
        const changed = proof.map((step, at) =>
          at === flip % proof.length ? leafHash(step) : step,
        )
        expect(verifyInclusion({ ...claim, leaf, root, proof: changed })).toBe(false)
      }),
    )
  })

  test('every earlier tree is proven consistent, and no other tree is', () => {
    fc.assert(
      fc.property(treeAndIndex, fc.nat(255), ({ all, index }, flip) => {
        const oldSize = index + 1
        const oldRoot = treeRoot(all.slice(0, oldSize))
        const proof = consistencyProof(all, oldSize)
        const claim = { oldSize, oldRoot, size: all.length, root: treeRoot(all), proof }
        expect(verifyConsistency(claim)).toBe(true)
        expect(verifyConsistency({ ...claim, oldRoot: leafHash(oldRoot) })).toBe(false)
        expect(verifyConsistency({ ...claim, root: leafHash(claim.root) })).toBe(false)
        expect(verifyConsistency({ ...claim, proof: [...proof, oldRoot] })).toBe(false)
        expect(verifyConsistency({ ...claim, oldSize: all.length + 1 })).toBe(false)
        if (proof.length === 0) return
        expect(verifyConsistency({ ...claim, proof: proof.slice(0, -1) })).toBe(false)
        const changed = proof.map((step, at) =>
          at === flip % proof.length ? leafHash(step) : step,
        )
        expect(verifyConsistency({ ...claim, proof: changed })).toBe(false)
      }),
    )
  })

  test('the empty tree is consistent with every tree', () => {
    const root = treeRoot(leaves)
    const claim = { oldSize: 0, oldRoot: treeRoot([]), size: 8, root, proof: [] }
    expect(verifyConsistency(claim)).toBe(true)
    expect(verifyConsistency({ ...claim, oldRoot: root })).toBe(false)
  })
})
