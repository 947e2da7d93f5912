export { directoryConfigSchema, type DirectoryConfig } from './config.ts'
export { reconcileDirectory } from './reconcile.ts'
export { createScim, scimPath, type ScimOptions } from './scim.ts'
