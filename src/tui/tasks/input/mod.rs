//! What comes from the terminal: keys, the mouse, sizes, and answers to what was asked of it.
//!
//! Answers come between keys, whenever the terminal likes, whole or in parts. crossterm's reader takes half of them for
//! keys and keeps the other half to itself, so this one is ours; events are crossterm's.

mod event;
mod pieces;

use crate::tui::graphics::Answer;
use crate::tui::message::Message;
use crossterm::event::{KeyEvent, MouseEvent};
use pieces::Pieces;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::time::Duration;
use tokio::signal::unix::Signal;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Something that the terminal sent.
#[derive(Clone, Debug, PartialEq)]
enum Heard {
    Key(KeyEvent),
    Mouse(MouseEvent),
    Answer(Answer),
}

/// Sends keys, answers and sizes until the terminal is gone; the channel's end tells. `sizes`: the signal of a new one;
/// `asked`: answers are awaited.
pub(crate) async fn input(messages: Sender<Message>, sizes: Signal, asked: bool) {
    let (heard, hears) = channel(64);
    // Not one of the runtime's threads: it waits for keys until the program ends.
    let listening = std::thread::Builder::new().name("keys".into()).spawn(move || listen(&heard, asked));
    if listening.is_ok() {
        forward(hears, sizes, &messages).await;
    }
}

async fn forward(mut hears: Receiver<Heard>, mut sizes: Signal, messages: &Sender<Message>) {
    loop {
        let message = tokio::select! {
            heard = hears.recv() => match heard {
                Some(Heard::Key(key)) => Message::Key(key),
                Some(Heard::Mouse(event)) => Message::Mouse(event),
                Some(Heard::Answer(answer)) => Message::Answer(answer),
                None => return,
            },
            Some(()) = sizes.recv() => {
                // With another font the cells have another size, too.
                if let Some(size) = cell_size()
                    && messages.send(Message::Answer(size)).await.is_err()
                {
                    return;
                }
                match crossterm::terminal::size() {
                    Ok((columns, rows)) => Message::Resized(columns, rows),
                    Err(_) => continue,
                }
            }
        };
        if messages.send(message).await.is_err() {
            return;
        }
    }
}

/// A cell's size, where the system was told of it.
pub(crate) fn cell_size() -> Option<Answer> {
    let size = crossterm::terminal::window_size().ok()?;
    let (width, height) = (size.width.checked_div(size.columns)?, size.height.checked_div(size.rows)?);
    (width > 0 && height > 0).then_some(Answer::CellSize(width, height))
}

/// Reads the terminal until it is gone or nobody listens any more.
fn listen(heard: &Sender<Heard>, asked: bool) {
    let terminal = std::io::stdin();
    let mut pieces = Pieces::new(asked);
    let mut buffer = [0; 4096];
    loop {
        let mut ready = [PollFd::new(&terminal, PollFlags::IN)];
        match poll(&mut ready, pieces.patience().map(timespec).as_ref()) {
            Ok(0) => pieces.give_up(),
            Ok(_) => match rustix::io::read(&terminal, &mut buffer) {
                Ok(0) => return,
                Ok(length) => pieces.take(&buffer[..length]),
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(_) => return,
            },
            Err(Errno::INTR) => continue,
            Err(_) => return,
        }
        while let Some(piece) = pieces.next() {
            if let Some(event) = event::event(&piece) {
                pieces.heard(&event);
                if heard.blocking_send(event).is_err() {
                    return;
                }
            }
        }
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec { tv_sec: duration.as_secs() as i64, tv_nsec: i64::from(duration.subsec_nanos()) }
}
