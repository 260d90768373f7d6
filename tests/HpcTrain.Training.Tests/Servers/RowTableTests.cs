using System.Runtime.InteropServices;
using HpcTrain.Kernels;
using HpcTrain.Training.Servers;

namespace HpcTrain.Training.Tests.Servers;

/// <summary>Tables whose rows are on servers: the same as a dense table that only steps the rows that got gradients.</summary>
public sealed class RowTableTests
{
    private const int Rows = 50, Width = 4, Steps = 6, PerStep = 9;
    private static readonly StaleForm _async = new(Staleness: null);

    [Test]
    public void Sparse_rows_equal_dense_ones([Values(1, 2, 3)] int ranks, [Values("sgd", "adagrad", "adam")] string name)
    {
        var expected = Dense(name, ranks);
        var turn = 0;
        ServerRanks.Run(ranks, _async, (rank, server) =>
        {
            var table = server.AddTable(Rows, Width, Make(name), Initial);
            server.Resume();
            for (var step = 0; step < Steps; step++)
            {
                // In turn, so that the order of steps is known.
                Assert.That(SpinWait.SpinUntil(() => Volatile.Read(ref turn) == (step * ranks) + rank, ServerRanks.Stall), Is.True);
                var (rows, gradients) = Batch(rank, step);
                table.Push(rows, gradients, 0.1);
                Interlocked.Increment(ref turn);
            }

            Assert.That(SpinWait.SpinUntil(() => Volatile.Read(ref turn) == Steps * ranks, ServerRanks.Stall), Is.True);
            int[] all = [.. Enumerable.Range(0, Rows).Reverse(), 7, 7];
            var values = new float[all.Length * Width];
            table.Pull(all, values);
            for (var i = 0; i < all.Length; i++)
            {
                Assert.That(values.AsSpan(i * Width, Width).ToArray(), Is.EqualTo(expected[all[i]]).Within(1e-5), $"row {all[i]}");
            }

            server.Settle();
        });
    }

    [Test]
    public void Rows_go_on_from_saved_state([Values("sgd", "adagrad", "adam")] string name)
    {
        var (first, second) = (new RowShard(Rows, Width, Make(name), Initial), new RowShard(Rows, Width, Make(name), (_, _) => 0));
        void Step(RowShard shard, int step)
        {
            var (rows, gradients) = Batch(0, step);
            shard.Step([.. MemoryMarshal.AsBytes<int>(rows), .. MemoryMarshal.AsBytes<float>(gradients)], rows.Length, 0.1);
        }

        for (var step = 0; step < Steps; step++)
        {
            Step(first, step);
        }

        foreach (var (key, values) in first.State)
        {
            values.CopyTo(second.State[key], 0);
        }

        Step(first, Steps);
        Step(second, Steps);
        Assert.That(second.State["values"], Is.EqualTo(first.State["values"]));
    }

    [Test]
    public void A_row_that_is_not_there_is_told()
    {
        ServerRanks.Run(1, _async, (_, server) =>
        {
            var table = server.AddTable(Rows, Width, new RowSgd(), Initial);
            Assert.That(() => table.Pull([Rows], new float[Width]), Throws.ArgumentException.With.Message.Contains($"row {Rows} of a table with {Rows} rows"));
            Assert.That(() => table.Push([1, 2], new float[Width], 0.1), Throws.ArgumentException);
            server.Settle();
        });
    }

    // By formulas of its own: only Adam's step is the kernel's, which has tests.
    private static unsafe float[][] Dense(string name, int ranks)
    {
        float[][] Zeros() => [.. Enumerable.Range(0, Rows).Select(_ => new float[Width])];
        float[][] table = [.. Enumerable.Range(0, Rows).Select(row => Enumerable.Range(0, Width).Select(i => Initial(row, i)).ToArray())];
        var (first, second, steps) = (Zeros(), Zeros(), new int[Rows]);
        for (var step = 0; step < Steps; step++)
        {
            for (var rank = 0; rank < ranks; rank++)
            {
                var (rows, gradients) = Batch(rank, step);
                var sums = Zeros();
                for (var i = 0; i < rows.Length; i++)
                {
                    for (var j = 0; j < Width; j++)
                    {
                        sums[rows[i]][j] += gradients[(i * Width) + j];
                    }
                }

                foreach (var row in rows.Distinct())
                {
                    if (name == "adam")
                    {
                        fixed (float* parameter = table[row], gradient = sums[row], mean = first[row], square = second[row])
                        {
                            AdamKernels.Step(parameter, gradient, mean, square, Width, ++steps[row], 0.1, 0.9, 0.999, 1e-8, 0, false);
                        }

                        continue;
                    }

                    for (var j = 0; j < Width; j++)
                    {
                        first[row][j] += sums[row][j] * sums[row][j];
                        table[row][j] -= (float)(0.1 * sums[row][j] / (name == "sgd" ? 1 : Math.Sqrt(first[row][j]) + 1e-10));
                    }
                }
            }
        }

        return table;
    }

    private static RowOptimizer Make(string name) => name switch
    {
        "sgd" => new RowSgd(),
        "adagrad" => new RowAdagrad(),
        _ => new RowAdam(),
    };

    private static float Initial(int row, int place) => row + (place / 8f);

    private static (int[] Rows, float[] Gradients) Batch(int rank, int step)
    {
        // Skewed, so that some rows are there several times.
        var random = new Random((rank * 100) + step);
        return ([.. Enumerable.Range(0, PerStep).Select(_ => (int)(Rows * Math.Pow(random.NextDouble(), 3)))],
            [.. Enumerable.Range(0, PerStep * Width).Select(_ => random.NextSingle() - 0.5f)]);
    }
}
