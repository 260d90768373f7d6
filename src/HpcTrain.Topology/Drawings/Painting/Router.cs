using HpcTrain.Drawing;

namespace HpcTrain.Topology.Drawings;

/// <summary>
/// Leads lines from node to node: straight where no other node is in the way, else around with the least bend that clears all nodes, outwards first. Two lines between
/// the same nodes bend to both sides.
/// </summary>
internal static class Router
{
    private const double Step = 14, Clearance = 4, LeastArc = 0.12;

    private const int Steps = 30;

    public static Route[] Lead(Sketch sketch, Spot[] spots)
    {
        Box[] nodes = [.. spots.Index().Select(spot => spot.Item.Around(sketch.Nodes[spot.Index].Width, sketch.Nodes[spot.Index].Height).Grown(Clearance))];
        Spot middle = spots.Aggregate((a, b) => a + b) * (1.0 / spots.Length);
        Dictionary<(int, int), int> lines = sketch.Links.CountBy(link => (Math.Min(link.A, link.B), Math.Max(link.A, link.B))).ToDictionary();
        var led = new Dictionary<(int, int), int>();
        var routes = new Route[sketch.Links.Count];
        foreach ((int index, SketchLink link) in sketch.Links.Index())
        {
            (int, int) ends = (Math.Min(link.A, link.B), Math.Max(link.A, link.B));
            int before = led.GetValueOrDefault(ends), all = lines[ends];
            led[ends] = before + 1;
            // As seen from the end of the lower number, lines lie from left to right.
            double shift = (before - ((all - 1) / 2.0)) * Step * 1.6;
            routes[index] = Lead(link, link.A == ends.Item1 ? shift : -shift);
        }

        return routes;

        Route Lead(SketchLink link, double shift)
        {
            (Spot from, Spot to) = (spots[link.A], spots[link.B]);
            double outward = (Route.Bent(from, to, 10).Control - middle).Length >= (Route.Bent(from, to, -10).Control - middle).Length ? 1 : -1;
            for (int step = 0; step <= Steps; step++)
            {
                foreach (int side in step == 0 ? [0] : new[] { 1, -1 })
                {
                    // Arcs over longer ways are higher, so that those side by side do not run into each other.
                    double bend = step == 0 ? 0 : (LeastArc * (to - from).Length) + ((step - 1) * Step);
                    Route route = Route.Bent(from, to, shift + (side * outward * bend));
                    if (!IsBlocked(route, link))
                        return route;
                }
            }

            return Route.Bent(from, to, shift);
        }

        bool IsBlocked(Route route, SketchLink link)
        {
            Spot[] points = [.. route.Points()];
            for (int node = 0; node < nodes.Length; node++)
            {
                if (node != link.A && node != link.B && points.Any(point => nodes[node].Holds(point)))
                    return true;
            }

            return false;
        }
    }
}
