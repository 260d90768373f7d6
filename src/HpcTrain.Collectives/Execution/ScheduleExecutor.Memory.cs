using HpcTrain.Collectives.Execution;

namespace HpcTrain.Collectives;

/// <content>Where elements, staging segments and scratch lie, and how far each queue is.</content>
public sealed unsafe partial class ScheduleExecutor
{
    private void CopyKept()
    {
        // What nobody writes and is a result; or the whole contribution, which covers that.
        byte* input = _memories[ExecutionPlan.Input], data = _memories[0];
        int size = _plan.ElementBytes;
        foreach (KeptRun run in _plan.Layout.CopiesInput ? _plan.Contributed : _plan.Kept)
            _device.Copy(data + (run.To * size), input + (run.From * size), run.Length * size);
    }

    private byte* At(Place place, long element) => _memories[place.Memory] + ((element + place.Shift) * _plan.ElementBytes);

    private int Slot(int q, int position) => (q * _window) + (position % _window);

    /// <summary>Places staging segments and scratch buffers one behind the other, and says how many bytes they take.</summary>
    private long LayOut(byte* memory)
    {
        long offset = 0;
        for (int q = 0; q < _queues.Length; q++)
        {
            for (int i = 0; i < _window && _plan.Queues[q].StagingBytes > 0; i++)
                _staging[Slot(q, i)] = Take(_plan.Queues[q].StagingBytes);
        }

        for (int k = 1; k < ExecutionPlan.Input; k++)
        {
            if (_plan.Layout.ScratchLengths[k] > 0)
                _memories[k] = Take(_plan.Layout.ScratchLengths[k] * _plan.ElementBytes);
        }

        return offset;

        byte* Take(long bytes)
        {
            byte* place = memory + offset;
            offset += (bytes + NativeBlock.Alignment - 1) / NativeBlock.Alignment * NativeBlock.Alignment;
            return place;
        }
    }

    private struct QueueState
    {
        /// <summary>The next step to post, as a position in the plan's queued steps.</summary>
        public int Next;

        /// <summary>The elements of that step that are posted.</summary>
        public long Posted;

        /// <summary>The oldest step that is not done.</summary>
        public int Oldest;

        /// <summary>The slot of the oldest segment under way.</summary>
        public int Head;

        /// <summary>The segments under way.</summary>
        public int InFlight;

        /// <summary>Whether the oldest segment has arrived but may not be reduced yet.</summary>
        public bool Arrived;

        /// <summary>Whether the device has been given the work of the oldest segment, or local step, and may not have done it yet.</summary>
        public bool Queued;
    }
}
