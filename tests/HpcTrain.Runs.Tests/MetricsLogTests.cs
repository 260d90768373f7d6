namespace HpcTrain.Runs.Tests;

public sealed class MetricsLogTests
{
    private string _path = "";

    [SetUp]
    public void MakePath() => _path = Path.Combine(Directory.CreateTempSubdirectory("hpctrain-metrics-").FullName, "metrics.jsonl");

    [TearDown]
    public void Remove() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Test]
    public void Lines_are_there_before_the_log_is_closed()
    {
        using var log = new MetricsLog(_path);
        log.Append(Line(1));
        log.Append(Line(2));

        Assert.That(MetricsLog.Read(_path).Select(m => m.Step), Is.EqualTo(new[] { 1L, 2L }));
    }

    [Test]
    public void A_line_cut_short_by_a_crash_is_passed_over_and_spoils_no_other()
    {
        using (var log = new MetricsLog(_path))
        {
            log.Append(Line(1));
            log.Append(Line(2));
        }

        using (var file = new FileStream(_path, FileMode.Open))
        {
            file.SetLength(file.Length - 7);
        }

        using (var log = new MetricsLog(_path))
        {
            log.Append(Line(3));
        }

        Assert.That(MetricsLog.Read(_path).Select(m => m.Step), Is.EqualTo(new[] { 1L, 3L }));
    }

    [Test]
    public void A_log_that_cannot_be_opened_is_a_sentence()
        => Assert.That(() => new MetricsLog("/proc/none/metrics.jsonl"), Throws.TypeOf<RunException>().With.Message.Contains("/proc/none/metrics.jsonl"));

    [Test]
    public void A_full_disk_is_a_sentence()
    {
        using var log = new MetricsLog("/dev/full");
        Assert.That(() => log.Append(Line(1)), Throws.TypeOf<RunException>().With.Message.Contains("no space"));
    }

    private static StepMetrics Line(long step) => new()
    {
        Kind = "train",
        Attempt = 1,
        Step = step,
        Epoch = 0.5,
        Loss = 1.25,
        ImagesPerSecond = 10,
        SecondsData = 0,
        SecondsCompute = 1,
        SecondsCommunication = 0,
        Elapsed = 1,
    };
}
