using HpcTrain.Collectives;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Servers;

namespace HpcTrain.Training.Tests.Servers;

/// <summary>Ranks as threads, each with a parameter server, within a bounded time.</summary>
internal static class ServerRanks
{
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);

    /// <summary>Runs a body per rank, which gets the rank and its server.</summary>
    public static void Run(int ranks, ServerForm form, Action<int, ParameterServer> body, Func<int, PushCodec>? codec = null, TimeSpan? stall = null)
    {
        // Messages are tested late and in another order than they came in.
        var fabric = new InProcessFabric(ranks, new InProcessOptions { MischiefSeed = 7 });
        RankThreads.Run(ranks, rank =>
        {
            using var server = new ParameterServer(fabric[rank], form, codec?.Invoke(rank), stall ?? Stall);
            body(rank, server);
        });
    }

    /// <summary>Serves parameters that are zero at first.</summary>
    public static T Serve<T>(this ParameterServer server, int length, T optimizer) where T : FlatOptimizer
    {
        optimizer.Prepare(length / server.Servers);
        server.Serve(new float[length], optimizer);
        return optimizer;
    }
}
