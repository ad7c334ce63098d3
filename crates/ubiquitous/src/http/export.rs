//! The estate as rows of our own format, sent piece by piece.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::StreamExt;
use model::Micros;
use tokio::sync::mpsc;

use super::{Shared, query};
use crate::export;
use crate::people::caller::Caller;
use crate::problem::Problem;

/// Bytes of one piece.
const PIECE_BYTES: usize = 1 << 16;
/// Pieces that wait for a slow reader.
const PIECES_MAX: usize = 16;

/// `GET /api/v1/export`
pub async fn export(
    State(shared): State<Shared>,
    caller: Caller,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let map = query::map(raw.as_deref(), &["as_of"])?;
    let instant = |text: &String| {
        let at = model::time::instant(text);
        at.map_err(|reason| Problem::bad_request("as_of", format!("`{text}`: {reason}")))
    };
    let as_of = map.get("as_of").map(instant).transpose()?.map(Micros::of);
    let (ctx, _guard) = shared.estate.read_context(&caller.viewer(), as_of);
    let facts = shared.estate.topology().estate(&ctx).await?;
    let (sender, receiver) = mpsc::channel::<Bytes>(PIECES_MAX);
    tokio::task::spawn_blocking(move || {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        for line in export::lines(&facts) {
            piece.extend_from_slice(line.as_bytes());
            if piece.len() >= PIECE_BYTES {
                // The reader left.
                if sender.blocking_send(std::mem::take(&mut piece).into()).is_err() {
                    return;
                }
            }
        }
        let _left = sender.blocking_send(piece.into());
    });
    let pieces = futures::stream::unfold(receiver, |mut receiver| async {
        let piece = receiver.recv().await?;
        Some((Ok::<Bytes, std::convert::Infallible>(piece), receiver))
    });
    let media = HeaderValue::from_static("application/x-ndjson");
    // What packs the answer asks once more after its end.
    Ok(([(header::CONTENT_TYPE, media)], Body::from_stream(pieces.fuse())).into_response())
}
