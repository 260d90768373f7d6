using System.Text.Json;

namespace HpcTrain.Training.Tests.Jobs;

/// <content>Runs that go on from a checkpoint.</content>
public sealed partial class JobTests
{
    [Test]
    public void A_run_interrupted_in_mid_epoch_resumes_to_the_same_bits()
    {
        var (whole, parts) = (NewRun(), NewRun());
        Succeed($"{Common} --ranks 2 --model cnn --run-dir {whole}");
        Succeed($"{Common} --ranks 2 --model cnn --run-dir {parts} --steps 27 --checkpoint-every 10");
        Succeed($"--resume {parts} --steps 1000"); // the run knows its ranks and its data

        Assert.That(Digest(parts), Is.EqualTo(Digest(whole)));
        Assert.That(Summary(parts).GetProperty("attempts").GetInt32(), Is.EqualTo(2));
        Assert.That(File.Exists(Path.Combine(parts, "environment-2.json")), Is.True);
    }

    [Test]
    public void A_run_with_adam_and_a_falling_rate_resumes_to_the_same_bits_and_with_no_other_optimizer()
    {
        const string Adam = "--ranks 2 --optimizer adamw --learning-rate 0.001 --schedule cosine";
        var (whole, parts) = (NewRun(), NewRun());
        Succeed($"{Common} {Adam} --run-dir {whole}");
        Succeed($"{Common} {Adam} --run-dir {parts} --steps 27 --checkpoint-every 10");
        AssertSentence(Run($"--resume {parts} --steps 1000 --optimizer sgd"), 3, "adamw", "sgd");
        Succeed($"--resume {parts} --steps 1000");
        Assert.That(Digest(parts), Is.EqualTo(Digest(whole)));
    }

    [Test]
    public void Compression_micro_batches_and_clipping_resume_to_the_same_bits_with_the_same_ranks()
    {
        const string Everything = "--ranks 2 --compress top-k:0.05 --accumulate 2 --clip-norm 0.5 --shard-optimizer always --overlap on --buffers average --precision bf16 --loss-scale dynamic";
        var (whole, parts) = (NewRun(), NewRun());
        Succeed($"{Common} {Everything} --timeline --run-dir {whole}");
        var names = JsonDocument.Parse(File.ReadAllText(Path.Combine(whole, "timeline.json"))).RootElement.GetProperty("traceEvents").EnumerateArray()
            .Where(e => e.GetProperty("ph").GetString() == "X" && e.GetProperty("pid").GetInt32() == 1).CountBy(e => e.GetProperty("name").GetString()!).ToDictionary();
        var steps = (int)Summary(whole).GetProperty("steps").GetInt64();
        Assert.That((names["bucket 0"], names["bucket 1"], names["bucket 1 waits"]), Is.EqualTo((steps, steps, steps)), "each bucket once in a step, whatever the micro-batches");
        Assert.That((names["output"], names["first layers"]), Is.EqualTo((names["backward"], names["backward"])), "backward layer by layer");
        Succeed($"{Common} {Everything} --run-dir {parts} --steps 13 --checkpoint-every 5");
        Assert.That(File.Exists(Path.Combine(parts, "checkpoints", "step-00000010", "compression-rank-1.safetensors")), Is.True);
        Succeed($"--resume {parts} --steps 1000");
        Assert.That(Digest(parts), Is.EqualTo(Digest(whole)));
        Assert.That(Summary(parts).GetProperty("division").GetString(), Is.EqualTo("sharded"));
        Assert.That(Summary(parts).GetProperty("compression").GetString(), Is.EqualTo("top-k:0.05"));
        var (sent, all) = (Summary(whole).GetProperty("gradient_bytes_sent").GetInt64(), 4 * Summary(whole).GetProperty("parameters").GetInt64() * steps);
        Assert.That(sent, Is.GreaterThan(0.05 * all).And.LessThan(0.2 * all), "values and indices of a twentieth");

        var others = Run($"--resume {parts} --steps 1000 --epochs 3 --ranks 3");
        Assert.That(others.ExitCode, Is.Zero, others.Everything);
        Assert.That(others.Errors, Does.Contain("had kept back is not used"));
    }

    [Test]
    public void Servers_that_step_together_resume_to_the_same_bits_and_other_ways_go_on_from_their_checkpoint()
    {
        const string Together = "--ranks 2 --epochs 1 --parallel ssp:0 --compress top-k:0.05";
        var (whole, parts) = (NewRun(), NewRun());
        Succeed($"{Common} {Together} --run-dir {whole}");
        Succeed($"{Common} {Together} --run-dir {parts} --steps 13 --checkpoint-every 5");
        Succeed($"--resume {parts} --steps 1000");
        Assert.That(Digest(parts), Is.EqualTo(Digest(whole)));
        Assert.That(Summary(parts).GetProperty("algorithm").GetString(), Is.EqualTo("ssp:0"));
        Assert.That(Summary(parts).GetProperty("division").GetString(), Is.EqualTo("parameter server, 2 shards"));
        Assert.That(Summary(parts).GetProperty("compression").GetString(), Is.EqualTo("top-k:0.05"));

        foreach (var (parallel, division) in new[] { ("async", "parameter server, 2 shards"), ("local:3", "local steps, averaged every 3") })
        {
            var more = Summary(parts).GetProperty("epochs").GetDouble() + 1;
            Succeed($"--resume {parts} --steps 1000 --epochs {more:0} --parallel {parallel} --compress none --timeline");
            Assert.That(Summary(parts).GetProperty("division").GetString(), Is.EqualTo(division));
            Assert.That(Summary(parts).GetProperty("test_accuracy").GetDouble(), Is.GreaterThan(90));
        }
    }

    [Test]
    public void A_damaged_checkpoint_is_passed_over_and_the_run_still_ends_with_the_same_bits()
    {
        var (whole, parts) = (NewRun(), NewRun());
        Succeed($"{Common} --ranks 2 --run-dir {whole}");
        Succeed($"{Common} --ranks 2 --run-dir {parts} --steps 30 --checkpoint-every 10");
        FlipByte(Path.Combine(parts, "checkpoints", "step-00000030", "model.safetensors"));

        var resumed = Run($"--resume {parts} --ranks 2 --steps 1000");
        Assert.That(resumed.ExitCode, Is.Zero, resumed.Everything);
        Assert.That(resumed.Errors, Does.Contain("step-00000030 is damaged").And.Contain("resumed from").And.Contain("step-00000020"));
        Assert.That(Digest(parts), Is.EqualTo(Digest(whole)));
    }

    [Test]
    public void When_every_checkpoint_is_damaged_the_job_says_so_and_changes_nothing()
    {
        var run = NewRun();
        Succeed($"{Common} --ranks 2 --run-dir {run} --steps 10");
        FlipByte(Path.Combine(run, "checkpoints", "step-00000010", "optimizer.safetensors"));

        var result = Run($"--resume {run} --ranks 2 --steps 1000");
        AssertSentence(result, 3, "every checkpoint", run);
    }

    [Test]
    public void A_resumed_run_keeps_its_ranks_and_says_when_nothing_is_left()
    {
        var run = NewRun();
        Succeed($"{Common} --ranks 3 --run-dir {run} --steps 5");
        var resumed = Run($"--resume {run} --steps 8", data: false);

        Assert.That(resumed.ExitCode, Is.Zero, resumed.Everything);
        Assert.That(Summary(run).GetProperty("ranks").GetInt32(), Is.EqualTo(3));
        AssertSentence(Run($"--resume {run}", data: false), 2, "has its 8 steps", "--steps");
        Assert.That(Summary(run).GetProperty("steps").GetInt64(), Is.EqualTo(8), "the summary stays");
    }
}
