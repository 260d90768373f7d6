using System.Diagnostics;
using System.Runtime.InteropServices;
using HpcTrain.Mpi;

namespace HpcTrain.Topology;

/// <summary>Measures the latency between two ranks.</summary>
internal sealed unsafe class PingPong : IDisposable
{
    // Idea. The lower rank sends a short message, the other one sends it back, until the time is over; the first byte says whether there will be another.
    // The lower quartile of the round trips counts: what disturbs a round trip makes it longer, never shorter.
    private const int Tag = 1;
    private const int WarmUps = 2, MostTrips = 500;

    private readonly Intracommunicator _world;
    private readonly BoundedWait _wait;
    private readonly int _count;
    private readonly byte* _message;

    public PingPong(Intracommunicator world, BoundedWait wait, int bytes)
    {
        (_world, _wait, _count) = (world, wait, bytes);
        _message = (byte*)NativeMemory.AllocZeroed((nuint)bytes);
    }

    /// <summary>Measures with one other rank, which calls it, too.</summary>
    /// <returns>Seconds for one way, on the lower rank; NaN on the other.</returns>
    /// <exception cref="ProbeException">An answer does not come.</exception>
    public double Run(int peer, TimeSpan time)
    {
        int rank = _world.Rank;
        string What() => $"rank {rank} waited for a short message of rank {peer}";
        if (rank > peer)
        {
            do
            {
                Receive(peer, What);
                Send(peer, What);
            }
            while (*_message != 0);
            return double.NaN;
        }

        var trips = new List<double>();
        long start = Stopwatch.GetTimestamp();
        bool goesOn = true;
        for (int trip = 0; goesOn; trip++)
        {
            goesOn = trip <= WarmUps || (trip < MostTrips && Stopwatch.GetElapsedTime(start) < time);
            *_message = goesOn ? (byte)1 : (byte)0;
            long sent = Stopwatch.GetTimestamp();
            Send(peer, What);
            Receive(peer, What);
            if (trip >= WarmUps)
                trips.Add(Stopwatch.GetElapsedTime(sent).TotalSeconds);
        }

        trips.Sort();
        return trips[trips.Count / 4] / 2;
    }

    public void Dispose() => NativeMemory.Free(_message);

    private void Send(int peer, Func<string> what)
    {
        Request request = _world.ImmediateSend(_message, _count, MpiDatatype.Byte, peer, Tag);
        _wait.For(ref request, what);
    }

    private void Receive(int peer, Func<string> what)
    {
        Request request = _world.ImmediateReceive(_message, _count, MpiDatatype.Byte, peer, Tag);
        _wait.For(ref request, what);
    }
}
