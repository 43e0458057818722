//! Databases for tests: one each, made on the PostgreSQL that `TORANA_TEST_POSTGRES` names and dropped at the end.

use tokio_postgres::NoTls;

use crate::DatabaseUrl;

/// The variable with the URL of a PostgreSQL where tests may make databases.
pub const VARIABLE: &str = "TORANA_TEST_POSTGRES";

/// An empty database of a test's own.
pub struct Scratch {
    server: String,
    name: String,
}

impl Scratch {
    /// Makes one. Without a server a test cannot run, and says so.
    pub fn new() -> Self {
        let server = std::env::var(VARIABLE).unwrap_or_else(|_| {
            panic!("{VARIABLE} is not set: run it under scripts/with-postgres")
        });
        let random = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0);
        let name = format!("test_{random:016x}");
        run(&server, &format!("CREATE DATABASE {name}"));
        Self { server, name }
    }

    /// Its URL.
    pub fn url(&self) -> DatabaseUrl {
        let at = self.server.rfind('/').expect("a URL with a database");
        DatabaseUrl::new(format!("{}/{}", &self.server[..at], self.name))
    }

    /// Ends every connection to it, as a restart of the server would.
    pub fn disconnect_all(&self) {
        let name = &self.name;
        run(
            &self.server,
            &format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            ),
        );
    }

    /// Runs statements in it, as somebody else would.
    pub fn run(&self, sql: &str) {
        run(self.url().expose(), sql);
    }

    /// Everything that is in it, as text: for looking for what must not be there. Bytes are hexadecimal.
    pub fn dump(&self) -> String {
        let tables = self.texts("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
        tables
            .iter()
            .flat_map(|table| self.texts(&format!("SELECT t::text FROM {table} t")))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Brings it to rest after much was written, as a database is that has been there for a while: for measuring.
    pub fn rest(&self) {
        self.run("VACUUM (ANALYZE)");
        self.run("CHECKPOINT");
    }

    /// What its server promises of a commit, and its version: for saying beside a measurement.
    pub fn durability(&self) -> Vec<(&'static str, String)> {
        ["fsync", "synchronous_commit", "full_page_writes", "server_version"]
            .into_iter()
            .map(|name| (name, self.texts(&format!("SHOW {name}")).join("")))
            .collect()
    }

    /// The first column of a query's rows, as text.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        texts(self.url().expose(), sql)
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        run(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

pub(crate) fn run(url: &str, sql: &str) {
    texts(url, sql);
}

/// On a thread of its own, since tests run inside a runtime.
fn texts(url: &str, sql: &str) -> Vec<String> {
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(connection);
            let messages = client.simple_query(sql).await.unwrap();
            let texts = messages.into_iter().filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            });
            texts.collect()
        })
    };
    std::thread::scope(|scope| scope.spawn(work).join()).expect("the test's database answers")
}
