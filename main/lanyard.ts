import { runProgram } from './cli/program.ts'

// The command line: `npm run lanyard -- <command>` in a checkout.
process.exitCode = await runProgram(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
})
