//! Bodies of other servers' answers, read only so far.

/// The first `most` bytes of a body, and whether there are more.
pub async fn read_at_most(
    response: &mut reqwest::Response,
    most: usize,
) -> Result<(Vec<u8>, bool), reqwest::Error> {
    let mut body = vec![];
    while let Some(chunk) = response.chunk().await? {
        let room = most - body.len();
        body.extend(chunk.iter().take(room));
        if chunk.len() > room {
            return Ok((body, true));
        }
    }
    Ok((body, false))
}
