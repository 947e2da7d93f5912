import { join } from 'node:path'

/** Where the embedded database is, for everything that opens it. */
export const databasePath = (dataDirectory: string) => join(dataDirectory, 'lanyard.db')
