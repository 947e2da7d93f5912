import { ScimError } from './scim-error.ts'

export const comparators = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const
export type Comparator = (typeof comparators)[number]
export type Literal = string | number | boolean | null

/** A filter as it is written (RFC 7644, figure 1), before anybody asked whether its names exist. */
export type FilterSyntax =
  | { readonly kind: 'and' | 'or'; readonly of: readonly FilterSyntax[] }
  | { readonly kind: 'not'; readonly of: FilterSyntax }
  | { readonly kind: 'present'; readonly path: string }
  | {
      readonly kind: 'compare'
      readonly path: string
      readonly comparator: Comparator
      readonly value: Literal
    }
  | { readonly kind: 'some'; readonly path: string; readonly of: FilterSyntax }

/** Longer filters are refused. */
export const maxFilter = 4096
/** Brackets within brackets. */
const maxDepth = 16

export type Token =
  | { readonly kind: '(' | ')' | '[' | ']' }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'literal'; readonly value: string | number }

const invalid = (detail: string) => new ScimError(400, 'invalidFilter', detail)

// A string is JSON's; what follows a word must not belong to it.
const tokenPattern =
  /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w$:.-])|(\.?[A-Za-z$][\w$:.-]*))/y

/** Throws a ScimError, invalidFilter, for whatever is no part of a filter. */
export function tokensOf(text: string): Token[] {
  if (text.length > maxFilter) throw invalid(`A filter has at most ${maxFilter} characters.`)
  const tokens: Token[] = []
  const trimmed = text.trimEnd()
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < trimmed.length) {
    const at = tokenPattern.lastIndex
    const match = tokenPattern.exec(trimmed)
    if (!match) throw invalid(`Unexpected character at ${at + 1}.`)
    const [, bracket, string, number, word] = match
    if (bracket !== undefined) tokens.push({ kind: bracket as '(' | ')' | '[' | ']' })
    else if (string !== undefined) tokens.push({ kind: 'literal', value: unquoted(string, at) })
    else if (number !== undefined) tokens.push({ kind: 'literal', value: Number(number) })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word })
  }
  return tokens
}

function unquoted(text: string, at: number): string {
  try {
    return JSON.parse(text) as string
  } catch {
    throw invalid(`No JSON string at ${at + 1}.`)
  }
}

/** Reads a whole filter; throws a ScimError, invalidFilter. */
export function parseFilter(text: string): FilterSyntax {
  const reader = createReader(tokensOf(text))
  const filter = readOr(reader, 0)
  if (reader.peek()) throw invalid('The filter goes on where it should end.')
  return filter
}

interface Reader {
  peek(): Token | null
  /** The next token if it is this keyword or bracket. */
  take(what: string): boolean
  next(): Token
}

function createReader(tokens: readonly Token[]): Reader {
  let at = 0
  const matches = (token: Token | undefined, what: string) =>
    token?.kind === 'word' ? token.text.toLowerCase() === what : token?.kind === what
  return {
    peek: () => tokens[at] ?? null,
    take(what) {
      if (!matches(tokens[at], what)) return false
      at += 1
      return true
    },
    next() {
      const token = tokens[at]
      if (!token) throw invalid('The filter ends too soon.')
      at += 1
      return token
    },
  }
}

function readOr(reader: Reader, depth: number): FilterSyntax {
  if (depth > maxDepth) throw invalid(`A filter is at most ${maxDepth} brackets deep.`)
  const of = [readAnd(reader, depth)]
  while (reader.take('or')) of.push(readAnd(reader, depth))
  return joined('or', of)
}

function readAnd(reader: Reader, depth: number): FilterSyntax {
  const of = [readOne(reader, depth)]
  while (reader.take('and')) of.push(readOne(reader, depth))
  return joined('and', of)
}

const joined = (kind: 'and' | 'or', of: readonly FilterSyntax[]): FilterSyntax =>
  of.length === 1 && of[0] ? of[0] : { kind, of }

function readOne(reader: Reader, depth: number): FilterSyntax {
  if (reader.take('not')) {
    if (!reader.take('(')) throw invalid('After "not" comes "(".')
    return { kind: 'not', of: readGroup(reader, depth, ')') }
  }
  if (reader.take('(')) return readGroup(reader, depth, ')')
  const token = reader.next()
  if (token.kind !== 'word' || token.text.startsWith('.'))
    throw invalid('Expected the name of an attribute.')
  const path = token.text
  if (!reader.take('[')) return readComparison(reader, path)
  const of = readGroup(reader, depth, ']')
  return readRest(reader, { kind: 'some', path, of })
}

function readGroup(reader: Reader, depth: number, close: ')' | ']'): FilterSyntax {
  const filter = readOr(reader, depth + 1)
  if (!reader.take(close)) throw invalid(`Expected "${close}".`)
  return filter
}

/**
 * What Entra adds to the grammar: `emails[type eq "work"].value eq "x"`, and the same without
 * `.value`, compare the values that match.
 */
function readRest(reader: Reader, some: Extract<FilterSyntax, { kind: 'some' }>): FilterSyntax {
  const token = reader.peek()
  if (token?.kind !== 'word') return some
  const isSub = token.text.startsWith('.')
  if (!isSub && !isComparator(token.text)) return some
  if (isSub) reader.next()
  const comparison = readComparison(reader, isSub ? token.text.slice(1) : 'value')
  return { ...some, of: { kind: 'and', of: [some.of, comparison] } }
}

const isComparator = (word: string) =>
  word.toLowerCase() === 'pr' || (comparators as readonly string[]).includes(word.toLowerCase())

function readComparison(reader: Reader, path: string): FilterSyntax {
  const token = reader.next()
  const word = token.kind === 'word' ? token.text.toLowerCase() : ''
  if (word === 'pr') return { kind: 'present', path }
  const comparator = comparators.find((one) => one === word)
  if (!comparator) throw invalid(`Expected an operator, one of pr, ${comparators.join(', ')}.`)
  return { kind: 'compare', path, comparator, value: readLiteral(reader.next()) }
}

function readLiteral(token: Token): Literal {
  if (token.kind === 'literal') return token.value
  const word = token.kind === 'word' ? token.text.toLowerCase() : ''
  if (word === 'true') return true
  if (word === 'false') return false
  if (word === 'null') return null
  throw invalid('Expected a string in double quotes, a number, true, false or null.')
}
