//! Everything that a person can do in the dashboard.

/// One thing to do. Keys, and whatever else may come to drive the dashboard, only ever lead to one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Up,
    Down,
    Left,
    Right,
    FarLeft,
    FarRight,
    PageUp,
    PageDown,
    First,
    Last,
    /// To the next pane or field.
    NextPane,
    /// To the pane or field before.
    PreviousPane,
    Enter,
    /// Out of what is open; never leaves the dashboard.
    Out,
    /// Back to the screen before; leaves the dashboard from the first one.
    Back,
    Help,
    /// What to show only, or to search for.
    Filter,
    NextMatch,
    /// Marks one of several, as runs for an overlay of curves; on or off.
    Mark,
    UnmarkAll,
    /// To the next order of a list.
    Sort,
    /// The same order from its other end.
    Reverse,
    NewRun,
    /// A new search over hyper-parameters.
    NewSearch,
    /// A new run from the config of this one.
    Clone,
    Rename,
    Tags,
    Note,
    /// Two marked runs beside each other.
    Compare,
    System,
    /// The searches, or the one that a run belongs to.
    Searches,
    /// To a row by its number.
    Jump,
    /// Only the pictures that the network got wrong.
    OnlyWrong,
    /// Which columns a table shows.
    Columns,
    /// Another way to show the same: counts or shares, whole config or what differs.
    NextView,
    PreviousView,
    NextSplit,
    NextCheckpoint,
    /// Mean heat maps in place of numbers.
    MeanMaps,
    /// The class that mean heat maps speak for.
    MapsFor,
    /// Values at one place of the x axis, in all charts.
    Cursor,
    /// Where the network looked, epoch by epoch.
    Timeline,
    /// Which method explains.
    NextMethod,
    PreviousMethod,
    /// Which layer is looked at.
    NextLayer,
    PreviousLayer,
    /// Which class is asked about.
    NextClass,
    PreviousClass,
    /// Which class is held against it.
    NextRival,
    PreviousRival,
    /// How much of the heat lies over a picture.
    HeatMore,
    HeatLess,
    NextColours,
    /// Also what speaks against a class.
    Signed,
    /// The mean with the mirror image.
    Mirror,
    /// What is shown, as files.
    Export,
    /// Starts what the form describes.
    Launch,
    Stop,
    Resume,
    /// Fewer or more runs of a search at once.
    ThrottleLess,
    ThrottleMore,
    /// Curves of fewer or more of the best.
    FewerCurves,
    MoreCurves,
    /// The config of a point, as a file.
    Promote,
    Delete,
    Tab(Tab),
    SmoothMore,
    SmoothLess,
    LogY,
    NextAxis,
    ZoomIn,
    ZoomOut,
    Confirm,
    /// Into the text field that has the cursor.
    Insert(char),
    Erase,
    EraseWord,
    EraseLine,
    Suspend,
    Leave,
}

impl Action {
    /// Its name in `keys.toml`. A name stays as it is, since users' files have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Left => "left",
            Self::Right => "right",
            Self::FarLeft => "far-left",
            Self::FarRight => "far-right",
            Self::PageUp => "page-up",
            Self::PageDown => "page-down",
            Self::First => "first",
            Self::Last => "last",
            Self::NextPane => "next-pane",
            Self::PreviousPane => "previous-pane",
            Self::Enter => "enter",
            Self::Out => "out",
            Self::Back => "back",
            Self::Help => "help",
            Self::Filter => "filter",
            Self::NextMatch => "next-match",
            Self::Mark => "mark",
            Self::UnmarkAll => "unmark-all",
            Self::Sort => "sort",
            Self::Reverse => "reverse",
            Self::NewRun => "new-run",
            Self::NewSearch => "new-search",
            Self::Clone => "clone",
            Self::Rename => "rename",
            Self::Tags => "tags",
            Self::Note => "note",
            Self::Compare => "compare",
            Self::System => "system",
            Self::Searches => "searches",
            Self::Jump => "jump",
            Self::OnlyWrong => "only-wrong",
            Self::Columns => "columns",
            Self::NextView => "next-view",
            Self::PreviousView => "previous-view",
            Self::NextSplit => "next-split",
            Self::NextCheckpoint => "next-checkpoint",
            Self::MeanMaps => "mean-maps",
            Self::MapsFor => "maps-for",
            Self::Cursor => "cursor",
            Self::Timeline => "timeline",
            Self::NextMethod => "next-method",
            Self::PreviousMethod => "previous-method",
            Self::NextLayer => "next-layer",
            Self::PreviousLayer => "previous-layer",
            Self::NextClass => "next-class",
            Self::PreviousClass => "previous-class",
            Self::NextRival => "next-rival",
            Self::PreviousRival => "previous-rival",
            Self::HeatMore => "heat-more",
            Self::HeatLess => "heat-less",
            Self::NextColours => "next-colours",
            Self::Signed => "signed",
            Self::Mirror => "mirror",
            Self::Export => "export",
            Self::Launch => "launch",
            Self::Stop => "stop",
            Self::Resume => "resume",
            Self::ThrottleLess => "throttle-less",
            Self::ThrottleMore => "throttle-more",
            Self::FewerCurves => "fewer-curves",
            Self::MoreCurves => "more-curves",
            Self::Promote => "promote",
            Self::Delete => "delete",
            Self::Tab(tab) => tab.name(),
            Self::SmoothMore => "smooth-more",
            Self::SmoothLess => "smooth-less",
            Self::LogY => "log-y",
            Self::NextAxis => "next-axis",
            Self::ZoomIn => "zoom-in",
            Self::ZoomOut => "zoom-out",
            Self::Confirm => "confirm",
            Self::Insert(_) => "insert",
            Self::Erase => "erase",
            Self::EraseWord => "erase-word",
            Self::EraseLine => "erase-line",
            Self::Suspend => "suspend",
            Self::Leave => "leave",
        }
    }
}

/// What the Run screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Charts,
    Scores,
    Confusion,
    Explain,
    Config,
    Log,
}

impl Tab {
    /// In the order of their digits.
    pub const ALL: [Self; 6] =
        [Self::Charts, Self::Scores, Self::Confusion, Self::Explain, Self::Config, Self::Log];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Charts => "charts",
            Self::Scores => "scores",
            Self::Confusion => "confusion",
            Self::Explain => "explain",
            Self::Config => "config",
            Self::Log => "log",
        }
    }

    /// The digit that opens the tab: tabs keep their digit whatever other tabs there are.
    pub const fn digit(self) -> char {
        match self {
            Self::Charts => '1',
            Self::Scores => '2',
            Self::Confusion => '3',
            Self::Explain => '4',
            Self::Config => '5',
            Self::Log => '6',
        }
    }
}
