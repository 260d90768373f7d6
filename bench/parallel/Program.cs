using System.Globalization;
using System.Runtime.InteropServices;
using HpcTrain.Bench.Parallel;
using HpcTrain.Mpi;
using HpcTrain.Training.Replication;
using HpcTrain.Training.Servers;

// One slow rank: what synchronous and asynchronous training make of the same time. Both sides take turns in one job.
var (rounds, seconds) = (int.Parse(args.ElementAtOrDefault(0) ?? "5", CultureInfo.InvariantCulture), double.Parse(args.ElementAtOrDefault(1) ?? "6", CultureInfo.InvariantCulture));
return MpiProgram.Run(mpi =>
{
    TorchSharp.torch.set_num_threads(1);
    var world = mpi.World;
    var task = new ClassificationTask();
    var pairs = new List<(Outcome Synchronous, Outcome Asynchronous)>();
    for (var round = 0; round < rounds; round++)
    {
        pairs.Add((
            new SlowRank(world, task, seconds).Run(model => new DataParallel(model, world), round),
            new SlowRank(world, task, seconds).Run(model => new ServerReplicas(model, world, new StaleForm(Staleness: null)), round)));
    }

    if (world.Rank == 0)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd}: {world.Size} ranks on {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {mpi.LibraryVersion.Split('\n')[0].Split(',')[0]}, the last rank slowed {SlowRank.Slowness}x, {seconds} s per side and round"));
        Console.WriteLine();
        Console.WriteLine("| round | sync samples/s | async samples/s | async : sync | sync accuracy % | async accuracy % | most steps ahead |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (round, (sync, async)) in pairs.Index())
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {round + 1} | {sync.SamplesPerSecond:F0} | {async.SamplesPerSecond:F0} | {async.SamplesPerSecond / sync.SamplesPerSecond:F2}x | {sync.Accuracy:F1} | {async.Accuracy:F1} | {async.LargestLead} |"));
        }

        var ratios = pairs.Select(p => p.Asynchronous.SamplesPerSecond / p.Synchronous.SamplesPerSecond).Order().ToList();
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Median of the ratios: {ratios[ratios.Count / 2]:F2}x ({ratios[0]:F2}x to {ratios[^1]:F2}x)."));
    }

    return 0;
}, ThreadLevel.Serialized);
