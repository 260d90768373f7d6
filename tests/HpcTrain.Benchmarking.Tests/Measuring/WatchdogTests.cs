using HpcTrain.Benchmarking.Measuring;

namespace HpcTrain.Benchmarking.Tests.Measuring;

internal sealed class WatchdogTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    [Test]
    public void A_wait_that_lasts_too_long_ends_with_a_sentence_that_says_what_for()
    {
        using var told = new BlockingSentence();
        using var watchdog = new Watchdog(TimeSpan.FromMilliseconds(10), "rank 2 on node7", told.Set);
        watchdog.Expect("Open MPI's allreduce of 64K of f32");

        Assert.That(told.Wait(s_bound), Does.StartWith("rank 2 on node7").And.Contain("Open MPI's allreduce of 64K of f32").And.Contain("--stall-timeout"));
    }

    [Test]
    public void Whoever_rests_is_left_alone()
    {
        using var told = new BlockingSentence();
        using var watchdog = new Watchdog(TimeSpan.FromMilliseconds(1), "rank 0", told.Set);
        watchdog.Expect("something");
        watchdog.Rest();

        Assert.That(told.Wait(TimeSpan.FromSeconds(2.5)), Is.Null, "after two looks");
    }

    private sealed class BlockingSentence : IDisposable
    {
        private readonly ManualResetEventSlim _isSet = new();
        private string? _sentence;

        public void Set(string sentence)
        {
            _sentence = sentence;
            _isSet.Set();
        }

        public string? Wait(TimeSpan bound)
        {
            _isSet.Wait(bound);
            return _sentence;
        }

        public void Dispose() => _isSet.Dispose();
    }
}
