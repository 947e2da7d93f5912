/** What the sandbox uses of dcmjs, which ships no types. */
declare module 'dcmjs' {
  type Dataset = Record<string, unknown>
  export const data: {
    readonly DicomDict: new (meta: Dataset) => { dict: Dataset; write(): ArrayBuffer }
    readonly DicomMetaDictionary: { denaturalizeDataset(dataset: Dataset): Dataset }
  }
}
