// Package demo makes the demo company 好日生活, which sells household goods by web and phone: its people, queues and
// products, and as many made-up customers, orders, cases and past calls as are asked for, all fitting one another.
//
// The same options make the same data. Nobody in it is real: names are put together from common parts, and all mobile
// numbers lie between 0900-000-000 and 0900-999-999.
package demo
