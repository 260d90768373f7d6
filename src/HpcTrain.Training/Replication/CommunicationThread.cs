using System.Runtime.ExceptionServices;

namespace HpcTrain.Training.Replication;

/// <summary>
/// Does work in the order in which it is posted, on a thread of its own, while the thread that posts it computes. Between <see cref="Drain"/> and the next
/// <see cref="Post"/> it touches nothing, so the other thread may call MPI then (MPI_THREAD_SERIALIZED).
/// </summary>
internal sealed class CommunicationThread : IDisposable
{
    private readonly Queue<Action> _work = new();
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;
    private bool _busy;
    private bool _ended;

    public CommunicationThread()
    {
        _thread = new Thread(Run) { Name = "communication", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Adds work. After a failure nothing more is done.</summary>
    public void Post(Action work)
    {
        lock (_work)
        {
            _work.Enqueue(work);
            Monitor.PulseAll(_work);
        }
    }

    /// <summary>Waits until all work is done. The work's own waits are bounded, and so is this one.</summary>
    /// <exception cref="Exception">What the work has thrown.</exception>
    public void Drain()
    {
        lock (_work)
        {
            while (_failure is null && (_busy || _work.Count > 0))
            {
                Monitor.Wait(_work);
            }
        }

        _failure?.Throw();
    }

    /// <summary>Ends the thread when it has done what it is doing.</summary>
    public void Dispose()
    {
        lock (_work)
        {
            _ended = true;
            Monitor.PulseAll(_work);
        }

        _thread.Join();
    }

    private void Run()
    {
        while (Next() is { } work)
        {
            try
            {
                work();
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e); // told to the thread that drains
            }
        }
    }

    private Action? Next()
    {
        lock (_work)
        {
            _busy = false;
            Monitor.PulseAll(_work);
            while (!_ended && (_work.Count == 0 || _failure is not null))
            {
                Monitor.Wait(_work);
            }

            _busy = !_ended;
            return _ended ? null : _work.Dequeue();
        }
    }
}
