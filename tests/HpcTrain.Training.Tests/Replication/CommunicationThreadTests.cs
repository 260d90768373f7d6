using HpcTrain.Training.Replication;

namespace HpcTrain.Training.Tests.Replication;

public sealed class CommunicationThreadTests
{
    [Test]
    public void Work_is_done_in_order_elsewhere_and_drained()
    {
        using var thread = new CommunicationThread();
        var done = new List<int>();
        var threads = new HashSet<int>();
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 10; i++)
            {
                var number = (round * 10) + i;
                thread.Post(() =>
                {
                    done.Add(number);
                    threads.Add(Environment.CurrentManagedThreadId);
                });
            }

            thread.Drain();
            Assert.That(done, Has.Count.EqualTo((round + 1) * 10));
        }

        Assert.That(done, Is.EqualTo(Enumerable.Range(0, 200)));
        Assert.That(threads, Has.Count.EqualTo(1).And.None.EqualTo(Environment.CurrentManagedThreadId));
    }

    [Test]
    public void A_failure_comes_out_of_drain_and_nothing_is_done_after_it()
    {
        using var thread = new CommunicationThread();
        var later = false;
        thread.Post(() => throw new TimeoutException("nobody answers"));
        thread.Post(() => later = true);
        Assert.That(thread.Drain, Throws.TypeOf<TimeoutException>().With.Message.EqualTo("nobody answers"));
        Assert.That(later, Is.False);
    }
}
