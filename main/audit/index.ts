export { exportLog, verifyFile, type ExitCode } from './cli.ts'
export { AuditError, createAuditLog, type AuditLogOptions } from './log.ts'
export { verifyBytes, verifyExport, type Verification, type VerifyOptions } from './verify.ts'
