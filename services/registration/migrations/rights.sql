-- What is protected the service reaches as another role alone, which it takes for as long as it asks.
REVOKE ALL ON ALL TABLES IN SCHEMA protected FROM {role};
GRANT USAGE ON SCHEMA protected TO {protected};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA protected TO {protected};
-- What changes there is noted by whoever changes it.
GRANT USAGE ON SCHEMA audit TO {protected};
GRANT INSERT (what, kind, record_id, participant_id, why) ON audit.lines TO {protected};
