/** How many events a workstation's agent was told. */
export interface AgentChannelTable {
  /** `*` is nobody's: whoever told all of them something held it once. */
  readonly workstation_id: string
  seq: number
}

/**
 * The last events per workstation, without gaps and in the order of their commits. On PostgreSQL
 * there is `xid`, too, the transaction that wrote the row.
 */
export interface AgentEventTable {
  readonly workstation_id: string
  readonly seq: number
  /** The event without its number. */
  readonly body: string
  readonly at: number
}

/** Tables of main/authority/events. */
export interface EventsTables {
  agent_channels: AgentChannelTable
  agent_events: AgentEventTable
}
