namespace HpcTrain.Collectives.Simulation;

/// <summary>Something that will happen.</summary>
/// <param name="Time">When, in seconds.</param>
/// <param name="Order">Events of the same time happen in the order in which they were scheduled; it may wrap around.</param>
/// <param name="What">What the simulation makes of it.</param>
internal readonly record struct Event(double Time, uint Order, int What)
{
    public bool IsBefore(in Event other) => Time < other.Time || (Time == other.Time && (int)(Order - other.Order) < 0);
}

/// <summary>The events to come, soonest first: a heap with four children to a node, which is half as deep as one with two.</summary>
internal sealed class EventQueue
{
    private const int Children = 4;
    private Event[] _heap = new Event[1024];
    private uint _order;

    public int Count { get; private set; }

    public void Add(double time, int what)
    {
        if (Count == _heap.Length)
            Array.Resize(ref _heap, 2 * Count);
        var added = new Event(time, _order++, what);
        Event[] heap = _heap;
        int place = Count++;
        while (place > 0)
        {
            int parent = (place - 1) / Children;
            if (!added.IsBefore(heap[parent]))
                break;
            heap[place] = heap[parent];
            place = parent;
        }

        heap[place] = added;
    }

    public Event Take()
    {
        Event[] heap = _heap;
        Event first = heap[0], last = heap[--Count];
        int count = Count, place = 0;
        while (true)
        {
            int child = (Children * place) + 1;
            if (child >= count)
                break;
            int least = child, end = Math.Min(child + Children, count);
            for (int other = child + 1; other < end; other++)
            {
                if (heap[other].IsBefore(heap[least]))
                    least = other;
            }

            if (!heap[least].IsBefore(last))
                break;
            heap[place] = heap[least];
            place = least;
        }

        heap[place] = last;
        return first;
    }
}
