module exodus

go 1.26
