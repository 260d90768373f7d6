namespace HpcTrain.Runs.Tests;

public sealed class ProgressDisplayTests
{
    [Test]
    public void Lines_come_once_per_tenth()
    {
        using var output = new StringWriter();
        var display = ProgressDisplay.Create(output, "lines");
        for (var i = 0; i <= 1000; i++)
        {
            display.Report(i, 1000, "epoch 1/1", "loss 1");
        }

        Assert.That(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(10));
    }

    [Test]
    public void A_bar_redraws_on_one_line_and_is_cleared_for_what_stays()
    {
        using var output = new StringWriter();
        var display = ProgressDisplay.Create(output, "bar");
        display.Report(10, 10, "epoch 1/1", "loss 1");
        display.Say("done");

        var text = output.ToString();
        Assert.That(text, Does.StartWith("\repoch 1/1").And.Contains("100%"));
        Assert.That(text[text.LastIndexOf('\r')..], Is.EqualTo($"\rdone{Environment.NewLine}"));
    }

    [TestCase(40)]
    [TestCase(80)]
    [TestCase(200)]
    public void A_bar_never_wraps(int width)
    {
        using var output = new StringWriter();
        var display = ProgressDisplay.Create(output, "bar", width);
        display.Report(10, 10, "epoch 1/3", "loss 0.2443  accuracy 91.1%  4185 images/s");
        Assert.That(output.ToString().Split('\r'), Has.All.Length.LessThan(width));
    }

    [Test]
    public void Other_ranks_are_silent()
    {
        using var output = new StringWriter();
        var display = ProgressDisplay.Create(output, "none");
        display.Report(10, 10, "epoch", "");
        display.Say("text");
        display.Clear();
        Assert.That(output.ToString(), Is.Empty);
    }
}
