export * from './procedures.ts'
export * from './views.ts'
