/** For tests of rules; what is durable is tested on the real database. */
export { openMemoryDatabase as memoryDatabase } from '../../main/store/memory-database.ts'
