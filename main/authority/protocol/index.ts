export * from './procedures.ts'
export * from './process.ts'
export * from './views.ts'
