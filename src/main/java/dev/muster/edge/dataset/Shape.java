package dev.muster.edge.dataset;

import java.util.List;
import java.util.stream.Collectors;

/// How many numbers there are along each axis; none for a single one.
record Shape(List<Long> axes) {
    Shape {
        axes = List.copyOf(axes);
    }

    int rank() {
        return axes.size();
    }

    long rows() {
        return axes.isEmpty() ? 1 : axes.getFirst();
    }

    /// @throws Unsound when it is more than can be counted, or an axis is negative
    long count() throws Unsound {
        long count = 1;
        for (long axis : axes) {
            if (axis < 0) throw new Unsound("no axis below 0", toString());
            if (axis > 0 && count > Long.MAX_VALUE / axis) throw new Unsound("a shape that fits a disk", toString());
            count *= axis;
        }
        return count;
    }

    long bytes(int each) throws Unsound {
        if (count() > Long.MAX_VALUE / each) throw new Unsound("a shape that fits a disk", toString());
        return count() * each;
    }

    /// As Python and h5py write it.
    @Override
    public String toString() {
        return axes.stream().map(Object::toString).collect(Collectors.joining(", ", "(", rank() == 1 ? ",)" : ")"));
    }
}
