//! A place for one piece of work: one is being done, one may wait, and a newer one takes the place of that which waits.

use crate::tui::message::Message;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;

/// Where orders of one kind go; only the newest counts.
#[derive(Debug)]
pub(crate) struct Slot<T>(watch::Sender<Option<T>>);

/// What the work on one order may do: send what it finds, and see whether anyone still wants it.
pub(crate) struct Desk<T> {
    orders: watch::Receiver<Option<T>>,
    messages: mpsc::Sender<Message>,
}

impl<T> Desk<T> {
    /// A newer order has come, or the dashboard is closed: what is not found yet is not wanted any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.orders.has_changed().unwrap_or(true) || self.messages.is_closed()
    }

    /// The order that counts.
    pub(crate) fn newest(&self) -> Option<T>
    where
        T: Clone,
    {
        self.orders.borrow().clone()
    }

    /// Sends though a newer order may have come, for work that both need.
    pub(crate) fn tell(&self, message: Message) -> bool {
        self.messages.blocking_send(message).is_ok()
    }

    /// Sends, and waits while there is too much on the way; `false` when abandoned.
    pub(crate) fn send(&self, message: Message) -> bool {
        !self.is_abandoned() && self.messages.blocking_send(message).is_ok()
    }
}

impl<T: Clone + Send + Sync + 'static> Slot<T> {
    /// Has `work` done for each order, on a thread that may wait, one after the other. What it keeps between orders
    /// is its own.
    pub(crate) fn spawn(
        messages: mpsc::Sender<Message>,
        work: impl FnMut(T, &Desk<T>) + Send + 'static,
    ) -> Self {
        Self::spawn_again(messages, |_| None, work)
    }

    /// As [`Slot::spawn`]; the newest order is done again so long after it was done, since files change.
    pub(crate) fn spawn_again(
        messages: mpsc::Sender<Message>,
        again: impl Fn(&T) -> Option<Duration> + Send + 'static,
        work: impl FnMut(T, &Desk<T>) + Send + 'static,
    ) -> Self {
        let (sender, mut orders) = watch::channel(None);
        tokio::spawn(async move {
            let mut work = Some(work);
            let mut wait = None;
            loop {
                let changed = orders.changed();
                let changed = match wait {
                    Some(wait) => tokio::time::timeout(wait, changed).await.unwrap_or(Ok(())),
                    None => changed.await,
                };
                if changed.is_err() {
                    return;
                }
                let order: Option<T> = orders.borrow_and_update().clone();
                wait = order.as_ref().and_then(&again);
                let (Some(order), Some(mut busy)) = (order, work.take()) else { return };
                let desk = Desk { orders: orders.clone(), messages: messages.clone() };
                let done = spawn_blocking(move || {
                    let fared = catch_unwind(AssertUnwindSafe(|| busy(order, &desk)));
                    (busy, fared.is_ok())
                });
                let Ok((kept, fared_well)) = done.await else { return };
                // The panic hook has told about it. What is ordered next is done all the same, but not this once more.
                wait = wait.filter(|_| fared_well);
                work = Some(kept);
            }
        });
        Self(sender)
    }

    pub(crate) fn order(&self, order: T) {
        self.0.send_replace(Some(order));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_newest_of_waiting_orders_is_done_and_the_one_before_is_told() {
        let (messages, mut found) = mpsc::channel(4);
        let (begun, begins) = std::sync::mpsc::channel();
        let slot = Slot::spawn(messages, move |order: u32, desk| {
            begun.send(order).unwrap();
            while order == 1 && !desk.is_abandoned() {
                std::thread::yield_now();
            }
            desk.send(Message::Problem(order.to_string()));
        });
        slot.order(1);
        let first = spawn_blocking(move || (begins.recv().unwrap(), begins)).await.unwrap();
        slot.order(2);
        slot.order(3);
        let Some(Message::Problem(told)) = found.recv().await else { panic!("nothing was told") };
        assert_eq!((first.0, told.as_str()), (1, "3"));
        drop(slot);
        assert!(found.recv().await.is_none());
    }

    #[tokio::test]
    async fn an_order_that_may_have_another_answer_later_is_done_again_and_others_are_not() {
        let (messages, mut found) = mpsc::channel(4);
        let again = |order: &u32| (*order == 1).then_some(Duration::from_millis(1));
        let slot = Slot::spawn_again(messages, again, |order, desk| {
            desk.send(Message::Problem(order.to_string()));
        });
        slot.order(1);
        for _ in 0..3 {
            let Some(Message::Problem(told)) = found.recv().await else { panic!("nothing was told") };
            assert_eq!(told, "1");
        }
        slot.order(2);
        let mut told = String::new();
        while told != "2" {
            let Some(Message::Problem(next)) = found.recv().await else { panic!("nothing was told") };
            told = next;
        }
        drop(slot);
        assert!(found.recv().await.is_none(), "it was done once");
    }

    #[tokio::test]
    async fn a_panic_costs_one_order_and_not_the_slot() {
        let (messages, mut found) = mpsc::channel(4);
        let (begun, begins) = std::sync::mpsc::channel();
        let slot = Slot::spawn(messages, move |order: u32, desk| {
            begun.send(order).unwrap();
            assert_ne!(order, 1);
            desk.send(Message::Problem(order.to_string()));
        });
        slot.order(1);
        let first = spawn_blocking(move || (begins.recv().unwrap(), begins)).await.unwrap();
        slot.order(2);
        let Some(Message::Problem(told)) = found.recv().await else { panic!("nothing was told") };
        assert_eq!((first.0, told.as_str()), (1, "2"));
    }
}
