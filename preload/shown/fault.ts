export type FaultCode =
  | 'store-busy'
  | 'store-full'
  | 'store-corrupt'
  | 'store-unwritable'
  | 'vault-unavailable'
  | 'authority-stopped'
  | 'configuration'
  /** The hospital's authority does not know this workstation yet. */
  | 'not-enrolled'
  | 'enrolment-refused'
  /** Its key is no good any more: it was enrolled anew elsewhere, or its key was replaced. */
  | 'key-revoked'
  | 'clock-wrong'
  | 'authority-unreachable'
  /** Whoever answers at the authority's address has a certificate that is not believed. */
  | 'certificate-refused'
  | 'workstation-disabled'
