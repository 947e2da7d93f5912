/** What the sandbox uses of dcmjs, which ships no types. */
declare module 'dcmjs' {
  type Dataset = Record<string, unknown>
  const dcmjs: {
    readonly data: {
      readonly DicomDict: new (meta: Dataset) => { dict: Dataset; write(): ArrayBuffer }
      readonly DicomMetaDictionary: { denaturalizeDataset(dataset: Dataset): Dataset }
    }
    readonly log: { setLevel(level: string): void }
  }
  // oxlint-disable-next-line import/no-default-export -- the package is what it is
  export default dcmjs
}
