//! Everything that a person can do in the dashboard.

/// One thing to do. Keys, and whatever else may come to drive the dashboard, only ever lead to one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    First,
    Last,
    /// To the next pane or field.
    NextPane,
    Enter,
    /// Out of what is open; never leaves the dashboard.
    Out,
    /// Back to the screen before; leaves the dashboard from the first one.
    Back,
    Help,
    Filter,
    NewRun,
    Stop,
    Resume,
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

/// What the Run screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Charts,
    Config,
    Log,
}

impl Tab {
    /// In the order of their digits.
    pub const ALL: [Self; 3] = [Self::Charts, Self::Config, Self::Log];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Charts => "charts",
            Self::Config => "config",
            Self::Log => "log",
        }
    }

    /// The digit that opens the tab: tabs keep their digit whatever other tabs there are.
    pub const fn digit(self) -> char {
        match self {
            Self::Charts => '1',
            Self::Config => '5',
            Self::Log => '6',
        }
    }
}
