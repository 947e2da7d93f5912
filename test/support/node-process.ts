import { startNode } from './nodes.ts'

/** A node as a process of its own, to be killed: `node node-process.ts <connection string> <schema>`. */
const [connectionString = '', schema = ''] = process.argv.slice(2)
const node = await startNode({ connectionString, schema, name: `node-${process.pid}` })
process.stdout.write(`${JSON.stringify({ event: 'ready', port: node.port })}\n`)
