import { Pool } from 'pg'

/**
 * Writes down with every session that begins or ends in which transaction it did, so that it can be
 * said for every moment of the history what was committed then. Needs `track_commit_timestamp`.
 */
export async function keepMoments(connectionString: string, schema: string) {
  const client = new Pool({ connectionString, max: 4, options: `-c search_path=${schema}` })
  // An idle connection may be lost with its server; the next query makes another.
  client.on('error', () => {})
  await client.query(`
    create table moments (
      session_id text not null, person_id text not null, begins boolean not null,
      xid xid8 not null default pg_current_xact_id()
    );
    create index moments_person on moments (person_id);
    create function keep_moment() returns trigger language plpgsql as $$
      begin
        if tg_op = 'INSERT' then
          insert into moments values (new.session_id, new.person_id, true);
        elsif old.ended_at is null and new.ended_at is not null then
          insert into moments values (new.session_id, new.person_id, false);
        end if;
        return null;
      end $$;
    create trigger keep_moment after insert or update on sessions
      for each row execute function keep_moment();
  `)
  return {
    /** The most sessions that a person had live at one moment. */
    async mostAtOnce(personId: string): Promise<number> {
      const { rows } = await client.query<{ most: number | null }>(
        `select max(live)::int as most from (
          select sum(sum(case when begins then 1 else -1 end)) over (order by at) as live from (
            select begins, pg_xact_commit_timestamp(xid::xid) as at
            from moments where person_id = $1
          ) as each group by at
        ) as moment`,
        [personId],
      )
      return rows[0]?.most ?? 0
    },
    query: async (text: string, values: readonly unknown[] = []) =>
      (await client.query<Record<string, unknown>>(text, [...values])).rows,
    close: () => client.end(),
  }
}
export type Moments = Awaited<ReturnType<typeof keepMoments>>
