//! Reads the pictures that the screen shows, the most important first, and encodes them where the terminal takes pixels.

use super::slot::Desk;
use crate::config;
use crate::data::{Packed, Photo, Stamp, shown};
use crate::run::{RunFolder, printable};
use crate::tui::graphics::encode_sixel;
use crate::tui::message::Message;
use crate::tui::state::pictures::{Encoding, Order, PictureKey, Report};
use std::path::{Path, PathBuf};

/// The longer side of what is shown, in pixels: more than networks see, and not much on the line.
const MOST: usize = 96;
/// The data sets of so many runs are kept open.
const MOST_SETS: usize = 4;

/// The work on orders to read.
pub(super) fn work() -> impl FnMut(Order, &Desk<Order>) {
    let mut reader = Reader::default();
    move |order, desk| reader.work(order, desk)
}

/// What is kept between orders.
#[derive(Default)]
struct Reader {
    /// The last used one first.
    sets: Vec<Set>,
}

/// Where a run's pictures are.
struct Set {
    run: RunFolder,
    root: Result<PathBuf, String>,
    /// Opened when the first file is missing.
    packed: Option<Option<Packed>>,
}

impl Reader {
    /// Sends what is wanted and not known, until something else is wanted.
    fn work(&mut self, order: Order, desk: &Desk<Order>) {
        let Order::Read(wanted) = order else { return };
        for (key, known) in wanted {
            if desk.is_abandoned() {
                return;
            }
            if let Some(report) = self.read(key, known)
                && !desk.send(Message::Pictures(report))
            {
                return;
            }
        }
    }

    /// `None` where the file is the one that is known.
    fn read(&mut self, key: PictureKey, known: Option<Stamp>) -> Option<Report> {
        let set = self.set(&key.run);
        let (stamp, result) = match &set.root {
            Err(why) => (None, Err(why.clone())),
            Ok(root) => {
                let path = root.join(&key.path);
                if known.is_some() && Stamp::at(&path) == known {
                    return None;
                }
                let (stamp, read) = Photo::read_stamped(&path, MOST);
                let photo = match read {
                    Ok(photo) => Ok(photo),
                    Err(error) if stamp.is_none() => set.packed_photo(Path::new(&key.path)).ok_or(error),
                    Err(error) => Err(error),
                };
                (stamp, photo.map_err(|error| printable(&error.to_string()).into_owned()))
            }
        };
        let result = result.map(|photo| {
            let png = photo.png();
            (photo, png)
        });
        Some(Report::Read { key, stamp, result })
    }

    fn set(&mut self, run: &RunFolder) -> &mut Set {
        let set = match self.sets.iter().position(|set| set.run == *run && set.root.is_ok()) {
            Some(at) => self.sets.remove(at),
            None => Set { run: run.clone(), root: root(run), packed: None },
        };
        self.sets.retain(|other| other.run != *run);
        self.sets.insert(0, set);
        self.sets.truncate(MOST_SETS);
        &mut self.sets[0]
    }
}

impl Set {
    fn packed_photo(&mut self, path: &Path) -> Option<Photo> {
        let root = self.root.as_ref().ok()?;
        let packed = self.packed.get_or_insert_with(|| Packed::open(root).ok().flatten());
        packed.as_ref()?.photo(path)
    }
}

/// The folder of the run's data, as its config has it.
fn root(run: &RunFolder) -> Result<PathBuf, String> {
    let config = config::complete(&run.config())
        .map_err(|error| printable(&error.to_string().replace('\n', ", ")).into_owned())?;
    if config.data.root.as_os_str().is_empty() {
        return Err(format!("{} names no data.root, so its pictures cannot be found", shown(&run.config())));
    }
    Ok(config.data.root)
}

/// Encodes a picture as sixels.
pub(super) fn encode(encoding: Encoding, desk: &Desk<Encoding>) {
    let sixels = encode_sixel(&encoding.seen.photo, encoding.size, encoding.cell);
    desk.send(Message::Pictures(Report::Encoded(encoding.made_for(), sixels)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Dataset, drawn};
    use std::fs;

    struct Place {
        folder: tempfile::TempDir,
        run: RunFolder,
        reader: Reader,
    }

    impl Place {
        fn new(root: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("run");
            fs::create_dir(&path).unwrap();
            fs::write(path.join("status.json"), "{}").unwrap();
            let root = folder.path().join(root);
            fs::write(path.join("config.toml"), format!("name = \"a\"\n[data]\nroot = {root:?}\n")).unwrap();
            let run = RunFolder::open(&path).unwrap();
            Self { folder, run, reader: Reader::default() }
        }

        fn read(
            &mut self,
            path: &str,
            known: Option<Stamp>,
        ) -> Option<(Option<Stamp>, Result<Photo, String>)> {
            let key = PictureKey { run: self.run.clone(), path: path.into() };
            match self.reader.read(key, known)? {
                Report::Read { stamp, result, .. } => Some((stamp, result.map(|(photo, _)| photo))),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn paths_are_relative_to_the_data_of_the_run_or_absolute() {
        let mut place = Place::new("faces");
        let faces = place.folder.path().join("faces");
        fs::create_dir(&faces).unwrap();
        fs::write(faces.join("a.png"), Photo::from_grey(&[50; 4096]).png()).unwrap();
        let (stamp, photo) = place.read("a.png", None).unwrap();
        assert_eq!(photo.unwrap(), Photo::from_grey(&[50; 4096]));
        let absolute = faces.join("a.png");
        assert!(place.read(absolute.to_str().unwrap(), None).unwrap().1.is_ok());
        // The same file is not read again, another one of its name is.
        assert!(place.read("a.png", stamp).is_none());
        fs::write(&absolute, Photo::from_grey(&[200; 4096]).png()).unwrap();
        assert_eq!(place.read("a.png", stamp).unwrap().1.unwrap().rgb(0, 0), [200; 3]);
    }

    #[test]
    fn a_file_that_is_gone_is_shown_from_the_pack() {
        let mut place = Place::new("faces");
        let faces = place.folder.path().join("faces");
        drawn::write_set(&faces, 4, 1, &mut |_, _| {}).unwrap();
        let set = Dataset::open(&faces).unwrap();
        let path = set.entry(2).path.clone();
        fs::remove_file(faces.join(&path)).unwrap();
        let (stamp, photo) = place.read(path.to_str().unwrap(), None).unwrap();
        assert_eq!((stamp, photo.unwrap()), (None, Photo::from_grey(set.pixels(2))));
    }

    #[test]
    fn what_cannot_be_read_is_one_printable_sentence() {
        let mut place = Place::new("faces");
        let faces = place.folder.path().join("faces");
        fs::create_dir(&faces).unwrap();
        fs::write(faces.join("torn.png"), &Photo::from_grey(&[50; 4096]).png()[..40]).unwrap();
        fs::create_dir(faces.join("folder.png")).unwrap();
        for (path, why) in [
            ("none\x1b[2J.png", "there is no such file"),
            ("torn.png", "PNG"),
            ("folder.png", "this is not a file"),
            ("a\0b", "cannot be opened"),
        ] {
            let error = place.read(path, None).unwrap().1.unwrap_err();
            assert!(error.contains(why) && error.contains("faces/"), "{error}");
            assert!(!error.chars().any(char::is_control), "{error:?}");
        }
        fs::write(place.run.config(), "name = [").unwrap();
        place.reader = Reader::default();
        let error = place.read("a.png", None).unwrap().1.unwrap_err();
        assert!(error.contains("config.toml") && !error.contains('\n'), "{error}");
        // A config that is whole again is read again.
        fs::write(place.run.config(), "name = \"a\"\n").unwrap();
        assert!(place.read("a.png", None).unwrap().1.unwrap_err().contains("names no data.root"));
    }
}
