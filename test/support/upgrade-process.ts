/** Opens a database, which brings its schema up to date, and closes it: `upgrade-process.ts DATABASE`. */
import { openDatabase } from '../../main/store/index.ts'

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('upgrade-process.ts DATABASE')
const db = await openDatabase({ path })
await db.close()
