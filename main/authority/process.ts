import { type ParentPort, runUtilityProcess } from './utility-process.ts'

const { parentPort } = process as { parentPort?: ParentPort }
if (!parentPort) throw new Error('This is the entry of a utility process: start it from the agent.')
runUtilityProcess({ port: parentPort })
