import type { ReactNode } from 'react'

/** A table in a room of its own, which scrolls where the table is wider than the screen. */
export function TableRoom({
  label,
  columns,
  className,
  children,
}: {
  readonly label: string
  readonly columns: readonly string[]
  readonly className: string
  /** The rows. */
  readonly children: ReactNode
}) {
  return (
    // Scrolls by itself, so it has to be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="table-room" aria-label={label} tabIndex={0}>
      <table className={`table ${className}`}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}
