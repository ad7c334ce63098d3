//! A commit whose reply is lost: a proxy of our own lets the commit through, waits for the server's word
//! and cuts the connection instead of passing it on. The write is there once, and says what it did.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use libtest_mimic::Failed;
use serde_json::{Map, json};
use store_server::neo4j::Neo4j;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::contract::neo4j::{Graph, options};
use crate::contract::{Done, Pair};
use crate::store_base::block_on;

/// Bolt's COMMIT: one chunk of two bytes, a structure without fields, and the end of the message.
const COMMIT: [u8; 6] = [0, 2, 0xb0, 0x12, 0, 0];

/// The trial.
pub fn lost_reply(_: Pair) -> Done {
    block_on(async {
        let graph = Graph::empty().await?;
        let mut through = options()?;
        let server = through.url.strip_prefix("bolt://").ok_or("no Bolt address")?.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        through.url = format!("bolt://{}", listener.local_addr()?);
        let is_cutting = Arc::new(AtomicBool::new(false));
        let proxy = tokio::spawn(serve(listener, server, Arc::clone(&is_cutting)));
        let store = Neo4j::open(through).await?;
        let [first, second]: [_; 2] = super::three().try_into().expect("there are two");
        is_cutting.store(true, Ordering::SeqCst);
        let outcome = store.topology().write(first).await?;
        assert!(!is_cutting.load(Ordering::SeqCst), "nothing was cut");
        assert!(!outcome.is_known, "{outcome:?}");
        let expected = [("calls".to_owned(), 2), ("service".to_owned(), 3)];
        assert_eq!(outcome.added, BTreeMap::from(expected));
        assert!(store.statistics().retries > 0);
        store.topology().write(second).await?;
        proxy.abort();
        let direct = graph.open().await?;
        let asked = "MATCH (w:Write) RETURN count(w), max(w.number)";
        assert_eq!(direct.cypher().ask(asked, Map::new()).await?, [[json!(2), json!(2)]]);
        let asked = "MATCH (:Service)-[r:CALLS]->(:Service) RETURN count(r)";
        assert_eq!(direct.cypher().ask(asked, Map::new()).await?, [[json!(2)]]);
        assert_eq!(super::names(&direct.topology()).await?, ["service://1", "service://2"]);
        Ok(())
    })
}

async fn serve(listener: TcpListener, server: String, is_cutting: Arc<AtomicBool>) {
    while let Ok((client, _)) = listener.accept().await {
        let Ok(server) = TcpStream::connect(&server).await else { return };
        tokio::spawn(pass(client, server, Arc::clone(&is_cutting)));
    }
}

/// Passes both ways until one side ends, or until the server's word on the commit that is cut.
async fn pass(
    mut client: TcpStream,
    mut server: TcpStream,
    is_cutting: Arc<AtomicBool>,
) -> Result<(), Failed> {
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut is_cut = false;
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let bytes = up.get(..read?).unwrap_or_default();
                if bytes.is_empty() {
                    return Ok(());
                }
                is_cut = bytes.ends_with(&COMMIT) && is_cutting.swap(false, Ordering::SeqCst);
                server.write_all(bytes).await?;
            }
            read = server.read(&mut down) => {
                let bytes = down.get(..read?).unwrap_or_default();
                if bytes.is_empty() || is_cut {
                    return Ok(());
                }
                client.write_all(bytes).await?;
            }
        }
    }
}
