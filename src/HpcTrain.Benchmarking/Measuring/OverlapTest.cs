namespace HpcTrain.Benchmarking.Measuring;

/// <summary>How much of a collective disappears behind computation.</summary>
/// <param name="Overall">Seconds of a started call with the computation in between.</param>
/// <param name="Compute">Seconds of the computation alone.</param>
/// <param name="Communication">Seconds of a started call that is waited for at once.</param>
internal readonly record struct Overlap(double Overall, double Compute, double Communication)
{
    /// <summary>The share of the communication that was hidden, 0 to 100: as OSU's nonblocking benchmarks define it.</summary>
    public double Percent => Math.Clamp(100 * (1 - ((Overall - Compute) / Communication)), 0, 100);
}

/// <summary>Measures overlap as OSU's benchmarks do: a computation as long as the communication, cut into slices with a test after each.</summary>
internal sealed class OverlapTest(BatchClock clock, Sampling sampling)
{
    private const int UsualRounds = 20, MostSlices = 64;
    private const double LeastSliceSeconds = 2e-6;

    private readonly Computation _computation = new();

    /// <summary>How often each contender is measured.</summary>
    public int Rounds => sampling.Iterations ?? UsualRounds;

    /// <summary>Measures all contenders, in turns. A collective call.</summary>
    public Overlap[] Run(IReadOnlyList<Contender> contenders)
    {
        int rounds = Rounds;
        double[] pure = new double[contenders.Count];
        for (int index = 0; index < contenders.Count; index++)
        {
            Contender contender = contenders[index];
            double[] samples = Samples(Math.Max(rounds, 5), _ => clock.TimeOnce(contender, () =>
            {
                contender.Start();
                contender.Wait();
            }));
            pure[index] = Statistics.Median(samples);
        }

        double[][] overall = Make(), compute = Make();
        for (int round = 0; round < rounds; round++)
        {
            for (int index = 0; index < contenders.Count; index++)
            {
                Contender contender = contenders[index];
                double seconds = pure[index];
                compute[index][round] = clock.TimeOnce(null, () => Compute(seconds, null));
                overall[index][round] = clock.TimeOnce(contender, () => Compute(seconds, contender));
            }
        }

        var results = new Overlap[contenders.Count];
        for (int index = 0; index < results.Length; index++)
        {
            clock.Slowest(overall[index]);
            clock.Slowest(compute[index]);
            results[index] = new(Statistics.Median(overall[index]), Statistics.Median(compute[index]), pure[index]);
        }

        return results;

        double[][] Make() => [.. contenders.Select(_ => new double[rounds])];
    }

    private double[] Samples(int count, Func<int, double> sample)
    {
        double[] samples = [.. Enumerable.Range(0, count).Select(sample)];
        clock.Slowest(samples);
        return samples;
    }

    private void Compute(double seconds, Contender? meanwhile)
    {
        int slices = (int)Math.Clamp(seconds / LeastSliceSeconds, 1, MostSlices);
        meanwhile?.Start();
        bool isDone = meanwhile == null;
        for (int slice = 0; slice < slices; slice++)
        {
            _computation.For(seconds / slices);
            isDone = isDone || meanwhile!.Test();
        }

        if (!isDone)
            meanwhile!.Wait();
    }
}
