//! Changes of what people write about runs, one after the other, so that none is lost to another.

use super::orders::sentence;
use crate::run::{Notes, RunError, RunFolder};
use crate::tui::message::Message;
use crate::tui::state::notes::Annotation;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender};
use tokio::task::spawn_blocking;

/// A run and what shall stand in its notes.
pub(crate) type Edit = (RunFolder, Annotation);

/// Writes each edit and tells the list through `changed`; what cannot be written is said.
pub(crate) async fn edit(
    mut edits: UnboundedReceiver<Edit>,
    changed: UnboundedSender<RunFolder>,
    messages: Sender<Message>,
) {
    while let Some((folder, change)) = edits.recv().await {
        let run = folder.clone();
        let Ok(written) = spawn_blocking(move || write(&run, change)).await else { continue };
        match written {
            // Without a listener the dashboard is closed.
            Ok(()) => drop(changed.send(folder)),
            Err(error) => drop(messages.send(Message::Done(Err(sentence(error)))).await),
        }
    }
}

/// Changes one part of the notes. Notes that cannot be read are not written either, as that would lose them.
fn write(folder: &RunFolder, change: Annotation) -> Result<(), RunError> {
    let mut notes = Notes::read(folder)?;
    change.apply(&mut notes);
    notes.write(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{State, Status};

    #[test]
    fn a_change_of_one_part_leaves_the_others_and_unreadable_notes_stay_as_they_are() {
        let runs = tempfile::tempdir().unwrap();
        let folder = RunFolder::create_with(runs.path(), "a", &Status::new(State::Finished), None).unwrap();
        write(&folder, Annotation::Title("best".into())).unwrap();
        write(&folder, Annotation::Tags(vec!["paper".into()])).unwrap();
        write(&folder, Annotation::Note("again".into())).unwrap();
        let notes = Notes::read(&folder).unwrap();
        assert_eq!(
            (notes.title.as_str(), notes.tags, notes.note.as_str()),
            ("best", vec!["paper".into()], "again")
        );

        std::fs::write(folder.notes(), "title = \"torn").unwrap();
        let error = write(&folder, Annotation::Title("new".into())).unwrap_err().to_string();
        assert!(error.contains("notes.toml"), "{error}");
        assert_eq!(std::fs::read_to_string(folder.notes()).unwrap(), "title = \"torn");
    }
}
