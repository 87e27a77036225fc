use crate::tui::message::Message;
use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tokio::sync::mpsc::Sender;

/// Sends keys and sizes until the terminal is gone; the channel's end tells.
pub(crate) async fn input(messages: Sender<Message>) {
    let mut events = EventStream::new();
    while let Some(Ok(event)) = events.next().await {
        let message = match event {
            Event::Key(key) => Message::Key(key),
            Event::Mouse(event) => Message::Mouse(event),
            Event::Resize(columns, rows) => Message::Resized(columns, rows),
            _ => continue,
        };
        if messages.send(message).await.is_err() {
            return;
        }
    }
}
