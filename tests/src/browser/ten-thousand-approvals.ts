import type { Database } from '@signalbox/core';

/** Ten thousand questions that wait, in one statement. `bash: rm -rf build/00000` ends first. All are of one session. */
export async function insertTenThousandApprovals(database: Database): Promise<void> {
  const text = `
    INSERT INTO approvals (id, project_id, subject, session_id, tool, call_id, digest, summary, arguments, quorum, roles,
      requested_by, barred, requested_at, expires_at, escalate_to)
    SELECT gen_random_uuid(), s.project_id, 'tool_call', s.id, 'bash', 'call-' || n, md5(n::text) || md5('x' || n),
      'bash: rm -rf build/' || lpad(n::text, 5, '0'), jsonb_build_object('command', 'rm -rf build/' || lpad(n::text, 5, '0')),
      1, ARRAY['approver'], 'coder', ARRAY['coder'], now() - (10000 - n) * interval '1 second',
      now() + (10000 + n) * interval '1 second', '{}'
    FROM (SELECT id, project_id FROM sessions WHERE status = 'pending' ORDER BY created_at LIMIT 1) s, generate_series(0, 9999) n`;
  await database.query({ name: '', text }, []);
  await database.query({ name: '', text: 'ANALYZE approvals' }, []);
}
